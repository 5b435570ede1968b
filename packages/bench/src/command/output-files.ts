import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { checkWritable } from '../process/index.ts';
import { type BenchRow, writeReport } from '../report/write-report.ts';

/** The files a run leaves behind. Neither is touched before there is a row. */
export interface OutputFiles {
  readonly add: (row: BenchRow) => void;
  /** Closes the lines and writes the report. */
  readonly finish: () => void;
}

/**
 * Makes sure, before anything is measured, that the files can be written; makes their folders. Throws `bad-argument`
 * with the option's name.
 */
export function openOutputFiles(json: string | undefined, html: string | undefined): OutputFiles {
  for (const [option, path] of [['--json', json] as const, ['--html', html] as const])
    if (path !== undefined) checkWritable(option, path, { inPlace: true });
  const rows: BenchRow[] = [];
  let file: number | undefined;
  return {
    add(row) {
      rows.push(row);
      if (json === undefined) return;
      file ??= openSync(json, 'w');
      writeSync(file, `${JSON.stringify(row)}\n`);
    },
    finish() {
      if (file !== undefined) closeSync(file);
      file = undefined;
      if (html !== undefined && rows.length > 0) writeFileSync(html, writeReport(rows));
    },
  };
}
