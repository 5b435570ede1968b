import type { Command } from 'commander';
import { outputFile } from '@tilewright/bench/process';
import type { EvaluateFlags } from '../evaluate/evaluate.ts';
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

export function addEvaluate(program: Command, terminal: Terminal, signal: AbortSignal): void {
  program
    .command('evaluate')
    .description(
      'how far compressed models are from a dense one: loss, divergence, same choices, and how sure that is',
    )
    .argument('<folder>', 'the dense model, in the Hugging Face layout')
    .argument('[others...]', 'folders that `tilewright compress` wrote from it')
    .requiredOption(
      '--text <file>',
      'its last tenth is scored, once; the rest calibrates variants that are made here',
    )
    .addOption(collected(variantOption('make this of the dense model and score it; may be given again')))
    .option(
      '--recipe <steps>',
      "the same of a composition, as compress takes it: 'prune 2:4 sparsegpt, quant int4-g32 gptq'",
      (steps: string, before: readonly string[] | undefined) => [...(before ?? []), steps],
    )
    .option(
      '--draws <n>',
      'make variants that calibrate so often, each time on other windows',
      wholeNumber(1),
      1,
    )
    .option('--windows <n>', 'how many windows calibrate', wholeNumber(1), 128)
    .option('--most <n>', 'score the first windows only; default all', wholeNumber(2))
    .option('--html <file>', 'write a report with a plot of size and quality')
    .addOption(jsonOption('all figures, with those of every pair'))
    .addOption(adapterOption())
    .addOption(strictOption())
    .addOption(systemOption())
    .action(async (folder: string, others: readonly string[], flags: EvaluateFlags) => {
      const report = flags.html === undefined ? undefined : outputFile('--html', flags.html);
      const { evaluateFolders } = await import('../evaluate/evaluate.ts');
      const result = await evaluateFolders(terminal, [folder, ...others], flags, signal);
      if (!report) return;
      const { writeEvaluationReport } = await import('../evaluate/report.ts');
      report.save(writeEvaluationReport(result));
      terminal.error(`report: ${flags.html}\n`);
    });
}
