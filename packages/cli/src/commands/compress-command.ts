import type { Command } from 'commander';
import type { CompressFlags } from './compress.ts';
import type { Terminal } from '../terminal.ts';
import {
  adapterOption,
  jsonOption,
  variantOption,
  wholeNumber,
  strictOption,
  systemOption,
} from './options.ts';

export function addCompress(program: Command, terminal: Terminal, signal: AbortSignal): void {
  program
    .command('compress')
    .description('write a compressed copy of a model, and say what it cost')
    .argument('<folder>', 'a dense model in the Hugging Face layout')
    .argument('<output>', 'the folder to write; it must not exist, or be empty')
    .addOption(variantOption('how to compress').makeOptionMandatory())
    .option(
      '--text <file>',
      'a text whose first nine tenths calibrate; default passages the model writes itself',
    )
    .option(
      '--windows <n>',
      'how many windows calibrate; default 128 of a text, 32 that the model writes',
      wholeNumber(1),
    )
    .addOption(jsonOption('the report: bytes and error of every weight'))
    .addOption(adapterOption())
    .addOption(strictOption())
    .addOption(systemOption())
    .action(async (folder: string, output: string, flags: CompressFlags) => {
      const { compress } = await import('./compress.ts');
      await compress(terminal, folder, output, flags, signal);
    });
}
