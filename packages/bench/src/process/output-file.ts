import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkWritable } from './check-writable.ts';

/** A file that will be written at the end of a command. */
export interface OutputFile {
  /** Writes all of it, or nothing. */
  save(text: string): void;
}

/** Makes sure, before any work is done, that a file can be written where an option says. Throws `bad-argument`. */
export function outputFile(option: string, path: string): OutputFile {
  checkWritable(option, path);
  const target = resolve(path);
  return {
    save(text) {
      const unfinished = `${target}.part`;
      try {
        writeFileSync(unfinished, text);
        renameSync(unfinished, target);
      } catch (error) {
        rmSync(unfinished, { force: true });
        throw error;
      }
    },
  };
}

/** The same for an option that may not be there. */
export const jsonFile = (path: string | undefined): ((value: unknown) => void) => {
  if (path === undefined) return () => {};
  const file = outputFile('--json', path);
  return (value) => file.save(`${JSON.stringify(value, null, 2)}\n`);
};
