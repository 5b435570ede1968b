import { formatNames, recipeMethods } from '../model/recipes.ts';

/** What `--recipe` may say, from the registries. */
export function listRecipes(): string {
  const words = recipeMethods.map(({ verb, takes, name }) => `${verb} ${takes} ${name}`.replace('  ', ' '));
  const width = Math.max(...words.map((each) => each.length));
  return [
    'Steps of --recipe, separated by commas:',
    ...recipeMethods.map(({ summary }, i) => `  ${words[i]!.padEnd(width)}  ${summary}`),
    `FORMAT: ${formatNames.join(', ')}`,
    'With --target, formats to choose from have / between them: quant int3-g32/int4-g32 gptq',
    '',
  ].join('\n');
}
