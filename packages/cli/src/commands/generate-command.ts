import type { Command } from 'commander';
import type { GenerateFlags } from './generate.ts';
import type { Terminal } from '../terminal.ts';
import {
  activationsOption,
  adapterOption,
  cacheOption,
  jsonOption,
  numberBetween,
  tokenList,
  variantOption,
  wholeNumber,
  strictOption,
  systemOption,
} from './options.ts';

export function addGenerate(program: Command, terminal: Terminal, signal: AbortSignal): void {
  program
    .command('generate')
    .description('continue a prompt with a model')
    .argument('<folder>', 'a model in the Hugging Face layout, dense or written by `tilewright compress`')
    .option('--prompt <text>', 'the text to continue (needs tokenizer.json)')
    .option('--prompt-tokens <ids>', 'the same as token ids: 5,17,2', tokenList)
    .option(
      '--max-tokens <n>',
      'tokens to write; default as many as the context has room for',
      wholeNumber(0),
    )
    .option(
      '--temperature <t>',
      'default what the model says, else 0: the likeliest token',
      numberBetween(0, 1e6),
    )
    .option('--top-k <k>', 'only the k likeliest tokens; 0 or -1: no limit', wholeNumber(-1, 2 ** 31 - 1))
    .option(
      '--top-p <p>',
      'only the likeliest tokens that together have this probability',
      numberBetween(1e-6, 1),
    )
    .option('--seed <n>', 'the same seed gives the same text', wholeNumber(0), 0)
    .option('--logits', 'also what the model makes of the prompt, for comparing with a reference')
    .option('--check', 'where numbers stop being numbers, look for the operator that did it')
    .option(
      '--context <n>',
      'positions to make room for; default those of the model, at most 2048',
      wholeNumber(2),
    )
    .addOption(variantOption('compress dense weights first; default as they are stored'))
    .addOption(activationsOption())
    .addOption(cacheOption())
    .addOption(jsonOption('prompt, tokens, text (and argmax, logits)'))
    .addOption(adapterOption())
    .addOption(strictOption())
    .addOption(systemOption())
    .action(async (folder: string, flags: GenerateFlags) => {
      const { generate } = await import('./generate.ts');
      await generate(terminal, folder, flags, signal);
    });
}
