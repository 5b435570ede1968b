import { accessSync, closeSync, constants, lstatSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { TilewrightError } from '@tilewright/kernels';

/**
 * Makes sure, before any work is done, that an option's file can be written; makes its folder. `inPlace` says that the
 * file itself will be opened; else `path.part` is put in its place. Throws `bad-argument` with the option's name.
 */
export function checkWritable(
  option: string,
  path: string,
  { inPlace = false }: { readonly inPlace?: boolean } = {},
): void {
  const target = resolve(path);
  try {
    mkdirSync(dirname(target), { recursive: true });
    const found = statSync(target, { throwIfNoEntry: false });
    if (found?.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'a folder stands there' });
    // Opening a pipe would wait for its reader.
    if (inPlace && found && !found.isFile()) accessSync(target, constants.W_OK);
    else tryToOpen(inPlace ? target : `${target}.part`);
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

/** Opens a file for writing and leaves all as it was. Permissions alone do not tell: not to root, nor of every folder. */
function tryToOpen(path: string): void {
  const isNew = lstatSync(path, { throwIfNoEntry: false }) === undefined;
  closeSync(openSync(path, 'a'));
  if (isNew) rmSync(path);
}
