import { existsSync } from 'node:fs';
import { TilewrightError } from '@tilewright/kernels';
import type { Command } from 'commander';
import { jsonOutput, outputFile } from '@tilewright/bench/process';
import { shippedModel } from '../paths.ts';
import type { Terminal } from '../terminal.ts';
import { type AdapterFlags, adapterOption, jsonOption, strictOption, systemOption } from './options.ts';

interface StartFlags extends AdapterFlags {
  readonly json?: string;
  readonly html: string;
  readonly full?: boolean;
  readonly text?: string;
  readonly strict?: boolean;
}

export function addStart(program: Command, screen: Terminal, signal: AbortSignal): void {
  program
    .command('start')
    .description('write a passage with a model, then compare its compressed variants: table, report, JSON')
    .argument('[folder]', 'a dense Llama in the Hugging Face layout; default the model of the repository')
    .option('--full', 'score all of the held-out text, not its first 64 windows (6 on software adapters)')
    .option(
      '--text <file>',
      "a text of your own: its last tenth is held out, the rest calibrates; default the folder's sample.txt",
    )
    .option('--html <file>', 'where the report goes', 'tilewright-report.html')
    .addOption(jsonOption('one object with all figures'))
    .addOption(adapterOption())
    .addOption(strictOption())
    .addOption(systemOption())
    .action(async (folder: string | undefined, flags: StartFlags) => {
      const { adapter, system, full = false, strict = false, text: examText } = flags;
      const { terminal, save: saveJson } = jsonOutput(flags.json, screen);
      const report = outputFile('--html', flags.html);
      const { start } = await import('../start/start.ts');
      const result = await start(terminal, {
        folder: folder ?? requireShipped(),
        adapter,
        system,
        full,
        examText,
        strict,
        signal,
      });
      saveJson(result);
      const { writeStartReport } = await import('../start/report.ts');
      report.save(writeStartReport(result));
      terminal.error(`report: ${flags.html}\n`);
    });
}

function requireShipped(): string {
  if (existsSync(shippedModel)) return shippedModel;
  throw new TilewrightError('bad-argument', {
    subject: 'start',
    problem: 'no folder was named',
    requirement: 'the shipped model is part of the repository, not of the package',
    fix: 'name a model folder, or run `npm start` in a clone',
  });
}
