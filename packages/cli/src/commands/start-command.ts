import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { shippedModel } from '../paths.ts';
import { writeStartReport } from '../start/report.ts';
import { start } from '../start/start.ts';
import type { Terminal } from '../terminal.ts';
import { adapterOption, jsonOption } from './options.ts';

interface StartFlags {
  readonly adapter?: string;
  readonly json?: string;
  readonly html: string;
  readonly full?: boolean;
}

export function addStart(program: Command, terminal: Terminal, signal: AbortSignal): void {
  program
    .command('start')
    .description('write a passage with a model, then compare its compressed variants: table, report, JSON')
    .argument('[folder]', 'a model in the Hugging Face layout', shippedModel)
    .option('--full', 'score all of the held-out text, not its first 64 windows')
    .option('--html <file>', 'where the report goes', 'tilewright-report.html')
    .addOption(jsonOption('one object with all figures'))
    .addOption(adapterOption())
    .action(async (folder: string, flags: StartFlags) => {
      const { adapter, full = false } = flags;
      const result = await start(terminal, { folder, adapter, full, signal });
      writeFileSync(flags.html, writeStartReport(result));
      if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(result, null, 2)}\n`);
      terminal.error(`report: ${flags.html}\n`);
    });
}
