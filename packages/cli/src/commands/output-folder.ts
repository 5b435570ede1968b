// The folder that `compress` writes: checked before the work, whole or not there after it.
import { copyFile, mkdtemp, readdir, readlink, realpath, rename, rm, statfs } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { makeFolders, unwritable } from '@tilewright/bench/process';
import { formatBytes } from '@tilewright/bench/report';
import { isTilewrightError, TilewrightError } from '@tilewright/kernels';

/** Throws `bad-argument` where something stands at `output` already. */
async function assertFree(output: string): Promise<void> {
  if (output.trim() === '')
    throw new TilewrightError('bad-argument', {
      subject: 'compress',
      problem: 'the output has no name',
      requirement: 'the output is a folder that does not exist yet, or is empty',
      fix: 'name such a folder',
    });
  const found = await readdir(output).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      const target = await readlink(output).catch(() => undefined);
      if (target === undefined) return [];
      throw new TilewrightError('bad-argument', {
        subject: output,
        problem: `it is a link to ${target}, which is not there`,
        requirement: 'the output is a folder that does not exist yet, or is empty',
        fix: 'make that folder, or name another',
      });
    }
    throw new TilewrightError('bad-argument', {
      subject: output,
      problem:
        error.code === 'ENOTDIR'
          ? 'it, or a part of its path, is a file'
          : `it cannot be read (${error.code})`,
      requirement: 'the output is a folder that does not exist yet, or is empty',
      fix: 'name such a folder',
    });
  });
  if (found.length > 0)
    throw new TilewrightError('bad-argument', {
      subject: output,
      problem: `the folder holds ${found.length} file${found.length === 1 ? '' : 's'}`,
      requirement: 'nothing is overwritten',
      fix: 'name a folder that does not exist yet',
    });
}

/** Where a path leads once its links are followed, also for what is not there yet. */
async function realPlace(path: string): Promise<string> {
  const target = resolve(path);
  const found = await realpath(target).catch(() => undefined);
  if (found !== undefined) return found;
  const parent = dirname(target);
  return parent === target ? target : join(await realPlace(parent), basename(target));
}

/** Throws `bad-argument` for an output in the folder of the model that is read, through links too: what is there stays as it was. */
export async function assertOutside(output: string, source: string): Promise<void> {
  // What has no name is refused elsewhere.
  if (output.trim() === '' || source.trim() === '') return;
  const [to, from] = [await realPlace(output), await realPlace(source)];
  if (!`${to}${sep}`.startsWith(`${from}${sep}`)) return;
  throw new TilewrightError('bad-argument', {
    subject: 'compress',
    problem: `${output} lies in ${source}, the folder of the model`,
    requirement: 'that folder stays as it is',
    fix: 'name a folder beside it',
  });
}

/** Bytes that this user may still write where a folder lies; undefined where the system does not say. */
const freeBytesAt = async (folder: string): Promise<number | undefined> => {
  const { bavail, bsize, blocks } = await statfs(folder);
  return blocks > 0 ? bavail * bsize : undefined;
};

/**
 * Makes sure, before any work is done, that a folder can be written at `output`: nothing stands there, a folder can be
 * made beside it, and the disk has room for `leastBytes`. Throws `bad-argument`.
 */
export async function checkOutputFolder(
  output: string,
  leastBytes: number,
  freeBytes: (folder: string) => Promise<number | undefined> = freeBytesAt,
): Promise<void> {
  await assertFree(output);
  const target = await realPlace(output);
  const parent = dirname(target);
  let free: number | undefined;
  try {
    const firstMade = makeFolders(parent);
    await rm(await mkdtemp(`${target}.unfinished-`), { recursive: true });
    free = await freeBytes(parent);
    if (firstMade !== undefined) await rm(firstMade, { recursive: true });
  } catch (error) {
    throw unwritable('bad-argument', 'compress', output, error);
  }
  if (free !== undefined && free < leastBytes)
    throw new TilewrightError('bad-argument', {
      subject: 'compress',
      problem: `the disk of ${output} has ${formatBytes(free)} left`,
      requirement: `the result takes ${formatBytes(leastBytes)} at least`,
      fix: 'make room, or name a folder on another disk',
    });
}

/**
 * Lets `fill` write into a folder beside the output, with copies of `files` from `source` where they exist, and moves what
 * is whole there: a failure or an interruption leaves nothing. Throws `bad-file` with what the system refused.
 */
export async function writeOutputFolder(
  output: string,
  {
    source,
    files,
    fill,
  }: {
    readonly source: string;
    readonly files: readonly string[];
    readonly fill: (folder: string) => Promise<void>;
  },
): Promise<void> {
  const target = await realPlace(output);
  let unfinished: string | undefined;
  try {
    makeFolders(dirname(target));
    unfinished = await mkdtemp(`${target}.unfinished-`);
    for (const file of files)
      await copyFile(join(source, file), join(unfinished, file)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
    await fill(unfinished);
    await assertFree(output);
    makeFolders(target);
    // The weights come last: a folder without them is no model.
    const written = (await readdir(unfinished)).sort(
      (a, b) => Number(a.endsWith('.safetensors')) - Number(b.endsWith('.safetensors')),
    );
    for (const file of written) await rename(join(unfinished, file), join(target, file));
  } catch (error) {
    const isSystemError = error instanceof Error && 'syscall' in error && !isTilewrightError(error);
    throw isSystemError ? unwritable('bad-file', 'compress', output, error) : error;
  } finally {
    if (unfinished !== undefined) await rm(unfinished, { recursive: true, force: true });
  }
}
