import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { TilewrightError } from '@tilewright/kernels';

/**
 * Makes sure, before any work is done, that an option's file can be written; makes its folder. `inPlace` says that the
 * file itself will be opened; else a new one is put in its place. Throws `bad-argument` with the option's name.
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
    accessSync(found && inPlace ? target : dirname(target), constants.W_OK);
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
