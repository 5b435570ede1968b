import { layOut, layouts } from '@tilewright/formats/layouts';
import { formatBytes, quantizerFor, roundWeight } from '@tilewright/kernels/weights';
import { editMethods } from '../model/edits.ts';
import { quantizers, recipeMethods } from '../model/recipes.ts';

/** Sizes that every format can have. */
const [rows, columns] = [64, 256];
const large = [4096, 4096];

/** What `--recipe` may say, from the registries. */
export function listRecipes(): string {
  const methods = [...editMethods, ...recipeMethods];
  const words = methods.map(({ verb, takes, name }) => `${verb} ${takes} ${name}`.replace('  ', ' '));
  const width = Math.max(...words.map((each) => each.length));
  return [
    'Steps of --recipe, separated by commas; drop and untie stand first, then rotate:',
    ...methods.map(({ summary }, i) => `  ${words[i]!.padEnd(width)}  ${summary}`),
    'FORMAT (short names will do: int4, nf4, nvfp4), the bits a weight takes in a matrix of 4096 × 4096, and whose layout it is written in:',
    ...formatLines(),
    'With --target, formats to choose from have / between them: quant int3-g32/int4-g32 gptq',
    '',
  ].join('\n');
}

function formatLines(): string[] {
  const width = Math.max(...quantizers.map(({ format }) => format.name.length));
  return quantizers.map((quantizer) => {
    const { format } = quantizer;
    const bits = (8 * formatBytes(format, large)) / (large[0]! * large[1]!);
    const values = new Float32Array(rows * columns);
    const tensor = roundWeight(quantizerFor(quantizer, [values], columns), values, [rows, columns]);
    const { layout } = layOut(new Map([['layer.weight', tensor]]), layouts);
    return `  ${format.name.padEnd(width)}  ${bits.toFixed(2)}  ${layout?.method ?? 'ours alone'}`;
  });
}
