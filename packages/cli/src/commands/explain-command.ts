import type { Command } from 'commander';
import type { ExplainFlags } from './explain.ts';
import type { Terminal } from '../terminal.ts';
import {
  adapterOption,
  jsonOption,
  variantOption,
  wholeNumber,
  strictOption,
  systemOption,
} from './options.ts';

export function addExplain(program: Command, terminal: Terminal, signal: AbortSignal): void {
  program
    .command('explain')
    .description('what one step of a model costs on this adapter: kernels, Plans, dispatches, bytes, memory')
    .argument('<folder>', 'a model in the Hugging Face layout, dense or written by `tilewright compress`')
    .option('--tokens <n>', 'tokens of the step: 1 decodes, more read a prompt', wholeNumber(1), 1)
    .option('--keys <n>', 'positions in the cache after the step; default half the context', wholeNumber(1))
    .option(
      '--context <n>',
      'positions to make room for; default those of the model, at most 2048',
      wholeNumber(2),
    )
    .addOption(variantOption('compress dense weights first; default as they are stored'))
    .addOption(jsonOption('all of it as one object'))
    .addOption(adapterOption())
    .addOption(strictOption())
    .addOption(systemOption())
    .action(async (folder: string, flags: ExplainFlags) => {
      const { explainFolder } = await import('./explain.ts');
      await explainFolder(terminal, folder, flags, signal);
    });
}
