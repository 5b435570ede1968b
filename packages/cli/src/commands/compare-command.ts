import { existsSync } from 'node:fs';
import { outputFile } from '@tilewright/bench/process';
import { TilewrightError } from '@tilewright/kernels';
import { comparedNames } from '@tilewright/models/variants';
import { type Command, InvalidArgumentError } from 'commander';
import type { CompareFlags } from '../compare/compare.ts';
import { shippedModels } from '../paths.ts';
import type { Terminal } from '../terminal.ts';
import {
  adapterOption,
  collected,
  jsonOption,
  strictOption,
  systemOption,
  variantOption,
  wholeNumber,
} from './options.ts';

const lengths = [128, 256, 512, 1024, 2048, 4096, 8192];

export function addCompare(program: Command, terminal: Terminal, signal: AbortSignal): void {
  program
    .command('compare')
    .description(
      'models beside each other: loss, compressed by the same recipes, speed and state as texts grow',
    )
    .argument('[folders...]', 'dense models in the Hugging Face layout; default the four of the repository')
    .option(
      '--text <file>',
      "its last tenth is scored, the rest calibrates; default the first folder's sample.txt, by halves",
    )
    .addOption(
      collected(
        variantOption(`make this of each model; may be given again; default ${comparedNames.join(', ')}`),
      ),
    )
    .option('--lengths <n,n>', 'tokens to read and write, as far as a model takes them', lengthList, lengths)
    .option('--most <n>', 'score the first windows only', wholeNumber(1), 64)
    .option('--windows <n>', 'how many windows calibrate', wholeNumber(1), 16)
    .option('--html <file>', 'where the report goes', 'tilewright-compare.html')
    .addOption(jsonOption('all figures'))
    .addOption(adapterOption())
    .addOption(strictOption())
    .addOption(systemOption())
    .action(async (folders: readonly string[], flags: CompareFlags & { readonly html: string }) => {
      const report = outputFile('--html', flags.html);
      const { compareFolders } = await import('../compare/compare.ts');
      const result = await compareFolders(
        terminal,
        folders.length > 0 ? folders : requireShipped(),
        { ...flags, variant: flags.variant ?? comparedNames },
        signal,
      );
      const { writeCompareReport } = await import('../compare/report.ts');
      report.save(writeCompareReport(result));
      terminal.error(`report: ${flags.html}\n`);
    });
}

/** A few tokens are written at the end of each length. */
const shortest = 32;

function lengthList(text: string): number[] {
  const given = text.split(',').map(Number);
  if (given.every((length) => Number.isSafeInteger(length) && length >= shortest)) return given;
  throw new InvalidArgumentError(`They must be whole numbers from ${shortest}, separated by commas.`);
}

function requireShipped(): readonly string[] {
  if (shippedModels.every((folder) => existsSync(folder))) return shippedModels;
  throw new TilewrightError('bad-argument', {
    subject: 'compare',
    problem: 'no folder was named',
    requirement: 'the shipped models are part of the repository, not of the package',
    fix: 'name model folders, or run it in a clone',
  });
}
