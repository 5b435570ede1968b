import { accessSync, constants, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { TilewrightError } from '@tilewright/kernels';

/** A file that will be written at the end of a command. */
export interface OutputFile {
  /** Writes all of it, or nothing. */
  save(text: string): void;
}

/**
 * Makes sure, before any work is done, that a file can be written where an option says. Makes the folder. Throws
 * `bad-argument` with the option's name.
 */
export function outputFile(option: string, path: string): OutputFile {
  const target = resolve(path);
  try {
    mkdirSync(dirname(target), { recursive: true });
    accessSync(dirname(target), constants.W_OK);
    if (statSync(target, { throwIfNoEntry: false })?.isDirectory())
      throw Object.assign(new Error('it is a folder'), { code: 'a folder stands there' });
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
