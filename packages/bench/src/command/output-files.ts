import {
  accessSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { TilewrightError } from '@tilewright/kernels';
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
    if (path !== undefined) checkWritable(option, path);
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

function checkWritable(option: string, path: string): void {
  const target = resolve(path);
  try {
    mkdirSync(dirname(target), { recursive: true });
    const found = statSync(target, { throwIfNoEntry: false });
    if (found?.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'a folder stands there' });
    accessSync(found ? target : dirname(target), constants.W_OK);
  } catch (cause) {
    throw new TilewrightError(
      'bad-argument',
      {
        subject: option,
        problem: `${path} cannot be written (${(cause as NodeJS.ErrnoException).code})`,
        fix: 'name a file in a folder that you may write to',
      },
      { cause },
    );
  }
}
