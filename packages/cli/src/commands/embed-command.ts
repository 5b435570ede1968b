import { Option, type Command } from 'commander';
import { TilewrightError } from '@tilewright/kernels';
import type { PoolingKind } from '@tilewright/models';
import type { EmbedFlags } from './embed.ts';
import type { Terminal } from '../terminal.ts';
import { adapterOption, jsonOption, strictOption, systemOption, tokenList, wholeNumber } from './options.ts';

const kinds: readonly PoolingKind[] = ['mean', 'cls', 'max'];

export function addEmbed(
  program: Command,
  terminal: Terminal,
  signal: AbortSignal,
  input: () => Promise<string>,
): void {
  const said = new Set<string>();
  program
    .command('embed')
    .description('a vector for each text, a line of numbers each')
    .argument('<folder>', 'an encoder (BERT) in the Hugging Face layout')
    .argument('[texts...]', 'the texts (they need tokenizer.json); - is standard input, a text a line')
    .option(
      '--tokens <ids>',
      'a text as token ids: 101,7592,102; may be given again',
      (ids: string, before: EmbedFlags['tokens']) => [...(before ?? []), tokenList(ids)],
    )
    .addOption(
      new Option(
        '--pooling <kind>',
        'how a vector is made of hidden states; default what the model says, else mean',
      ).choices(kinds),
    )
    .option('--normalize', 'vectors of length 1; default what the model says')
    .option('--no-normalize', 'vectors as they are')
    .on('option:normalize', () => said.add('normalize'))
    .on('option:no-normalize', () => said.add('no-normalize'))
    .option(
      '--max-tokens <n>',
      'the longest text; default as long as the model takes, at most 512',
      wholeNumber(1),
    )
    .addOption(jsonOption('pooling, normalize, texts, vectors'))
    .addOption(adapterOption())
    .addOption(strictOption())
    .addOption(systemOption())
    .action(async (folder: string, texts: readonly string[], flags: EmbedFlags) => {
      if (said.size === 2)
        throw new TilewrightError('bad-argument', {
          subject: 'embed',
          problem: 'there are --normalize and --no-normalize',
          requirement: 'vectors have length 1 or are as they are',
          fix: 'leave one of the two out',
        });
      const { embedTexts } = await import('./embed.ts');
      await embedTexts(terminal, folder, texts, flags, signal, input);
    });
}
