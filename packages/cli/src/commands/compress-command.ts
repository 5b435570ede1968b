import { outputFile } from '@tilewright/bench/process';
import { TilewrightError } from '@tilewright/kernels';
import type { Command } from 'commander';
import type { CompressFlags } from './compress.ts';
import type { Terminal } from '../terminal.ts';
import {
  adapterOption,
  jsonOption,
  layoutOption,
  variantOption,
  wholeNumber,
  strictOption,
  systemOption,
  targetSize,
} from './options.ts';

export function addCompress(program: Command, terminal: Terminal, signal: AbortSignal): void {
  program
    .command('compress')
    .description('write a compressed copy of a model, and say what it cost')
    .option('--list', 'say which steps and formats there are, and do nothing')
    .argument('[folder]', 'a dense model in the Hugging Face layout')
    .argument('[output]', 'the folder to write; it must not exist, or be empty')
    .addOption(variantOption('how to compress'))
    .option(
      '--recipe <steps>',
      "how to compress, in steps: 'prune 2:4 sparsegpt, quant int4-g32 gptq'; --list says what there is",
    )
    .option(
      '--target <size>',
      '3.2bits a weight, or 900kB of all layers: formats are chosen for each weight by measured errors',
      targetSize,
    )
    .option(
      '--text <file>',
      'a text whose first nine tenths calibrate; default passages the model writes itself',
    )
    .option(
      '--windows <n>',
      'how many windows calibrate; default 128 of a text, 32 that the model writes',
      wholeNumber(1),
    )
    .addOption(layoutOption())
    .option(
      '--html <file>',
      'write a report with a plot of sizes and errors; with --text also of quality, on other windows of that part',
    )
    .option(
      '--runs <files...>',
      'reports of earlier runs (--json beside --text and --html), to plot beside this one',
    )
    .addOption(jsonOption('the report: bytes and error of every weight'))
    .addOption(adapterOption())
    .addOption(strictOption())
    .addOption(systemOption())
    .action(async (folder: string | undefined, output: string | undefined, flags: CompressFlags) => {
      if (flags.list === true) {
        const { listRecipes } = await import('./list-recipes.ts');
        return terminal.out(listRecipes());
      }
      if (folder === undefined || output === undefined)
        throw new TilewrightError('bad-argument', {
          subject: 'compress',
          problem: `there is no ${folder === undefined ? 'folder' : 'output'}`,
          requirement: 'a model is read from a folder, and its compressed copy written to another',
          fix: 'write tilewright compress FOLDER OUTPUT --variant NAME',
        });
      const report = flags.html === undefined ? undefined : outputFile('--html', flags.html);
      const { compress } = await import('./compress.ts');
      const page = await compress(terminal, folder, output, flags, signal);
      report?.save(page());
    });
}
