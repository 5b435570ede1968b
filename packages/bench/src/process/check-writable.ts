import { accessSync, closeSync, constants, lstatSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { TilewrightError } from '@tilewright/kernels';
import { makeFolders } from './make-folders.ts';

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
    makeFolders(dirname(target));
    const found = statSync(target, { throwIfNoEntry: false });
    if (found?.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    // Opening a pipe would wait for its reader.
    if (inPlace && found && !found.isFile()) accessSync(target, constants.W_OK);
    else tryToOpen(inPlace ? target : `${target}.part`);
  } catch (cause) {
    throw unwritable('bad-argument', option, path, cause);
  }
}

/** Why something could not be written, by the system's own codes. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: 'you may not write there',
  EPERM: 'you may not write there',
  EROFS: 'its file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'your part of the disk is full',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'a part of the path is a file, not a folder',
  EISDIR: 'a folder stands there',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'there is no such place',
};

/** The error of a file or folder that could not be written; `cause` is what the system said. */
export function unwritable(
  code: 'bad-argument' | 'bad-file',
  subject: string,
  path: string,
  cause: unknown,
): TilewrightError {
  const name = (cause as NodeJS.ErrnoException).code;
  const reason = name && reasons[name] ? `${reasons[name]} (${name})` : (name ?? String(cause));
  return new TilewrightError(
    code,
    {
      subject,
      problem: `${path} cannot be written: ${reason}`,
      fix:
        name === 'ENOSPC' || name === 'EDQUOT'
          ? 'make room, or name a place on another disk'
          : 'name a place that you may write to',
    },
    { cause },
  );
}

/** Opens a file for writing and leaves all as it was. Permissions alone do not tell: not to root, nor of every folder. */
function tryToOpen(path: string): void {
  const isNew = lstatSync(path, { throwIfNoEntry: false }) === undefined;
  closeSync(openSync(path, 'a'));
  if (isNew) rmSync(path);
}
