import { open } from 'node:fs/promises';
import { aKindOf, awaitFix, TilewrightError } from '@tilewright/kernels';
import { badFile } from '../bad-file.ts';
import { exactly, type ByteSource } from './source.ts';

/**
 * A source over a file on disk, by an open handle; `close` it when done. Throws `bad-file` where it cannot be
 * opened, `bad-argument` for what is no path.
 */
export async function fileSource(path: string): Promise<ByteSource> {
  checkPath('fileSource', path);
  const source = await openFile(path);
  if (source === null) {
    throw badFile(path, 'there is no such file', 'the path must name a file', 'check the path');
  }
  return source;
}

/** {@link fileSource}, but null for a path that has nothing. */
export async function openFile(path: string): Promise<ByteSource | null> {
  const handle = await open(path, 'r').catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return null;
    const isBelowFile = codeOf(cause) === 'ENOTDIR';
    throw badFile(
      path,
      `the file cannot be opened (${codeOf(cause)}${isBelowFile ? ': it is said to lie in a file' : ''})`,
      isBelowFile ? 'it must lie in a folder' : 'it must be readable',
      isBelowFile ? 'name the folder' : 'check its permissions',
      cause,
    );
  });
  if (handle === null) return null;
  const status = await handle.stat();
  if (!status.isFile()) {
    await handle.close();
    throw badFile(
      path,
      'this is not a regular file',
      'a file with a fixed length is required',
      'check the path',
    );
  }
  return {
    name: path,
    sizeBytes: status.size,
    read: async (start, end) => {
      const bytes = new Uint8Array(end - start);
      let filled = 0;
      while (filled < bytes.byteLength) {
        const { bytesRead } = await handle.read(bytes, filled, bytes.byteLength - filled, start + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return exactly(bytes.subarray(0, filled), end - start, path);
    },
    close: () => handle.close(),
  };
}

/** Throws `bad-argument` for what names no place on disk. */
export function checkPath(subject: string, path: unknown): void {
  // An empty path would be the folder that the program runs in.
  if (typeof path === 'string' && path !== '') return;
  throw new TilewrightError('bad-argument', {
    subject,
    problem: `the path is ${path === '' ? "''" : aKindOf(path)}`,
    requirement: 'it must be a string that names a place',
    fix: awaitFix(path, 'name a place on disk'),
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}
