// Files on disk, apart from the main entry so that pages meet no `node:` import.

import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelFiles } from './hugging-face/model-files.ts';
import { openModelFolder, type ModelSource } from './hugging-face/model-source.ts';
import { openKinds, openSafetensors, type OpenOptions, type Safetensors } from './safetensors/open.ts';
import { safetensorsParts } from './safetensors/write.ts';
import { checkPath, fileSource, openFile } from './source/file.ts';
import { checkOptions, listOf } from '@tilewright/kernels';
import type { StateDict } from '@tilewright/kernels/weights';

export { fileSource } from './source/file.ts';

/** The files of a folder on disk. Throws `bad-argument` for what is no path. */
export function folderFiles(path: string): ModelFiles {
  checkPath('folderFiles', path);
  return { name: path, open: (fileName) => openFile(join(path, fileName)) };
}

/** {@link openModelFolder} for a folder on disk; there are no options. Throws `bad-argument` for what is no path, and for options. */
export async function openModelFolderAt(
  path: string,
  options: Readonly<Record<string, never>> = {},
): Promise<ModelSource> {
  checkPath('openModelFolderAt', path);
  checkOptions('openModelFolderAt', options, []);
  return await openModelFolder(folderFiles(path));
}

/** {@link openSafetensors} for a file on disk; `close` it when done. Throws `bad-argument` for what is no path, and for unknown options. */
export async function openSafetensorsFile(path: string, options: OpenOptions = {}): Promise<Safetensors> {
  checkPath('openSafetensorsFile', path);
  checkOptions('openSafetensorsFile', options, openKinds());
  return await openSafetensors(await fileSource(path), options);
}

/**
 * Writes a safetensors file tensor by tensor, without a second copy in memory. Throws as {@link
 * safetensorsParts}.
 */
export async function writeSafetensorsFile(
  path: string,
  state: StateDict,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  checkPath('writeSafetensorsFile', path);
  return await writeParts(path, safetensorsParts(state, metadata));
}

/**
 * Writes pieces one after the other. The file appears under its name only when whole, so that an interrupted
 * write leaves what was there, and tensors may be read from the very file that is being replaced.
 */
export async function writeParts(path: string, parts: readonly Uint8Array[]): Promise<void> {
  checkPath('writeParts', path);
  const bytes = { what: 'a Uint8Array', accepts: (part: unknown) => part instanceof Uint8Array };
  checkOptions('writeParts', { parts }, { parts: listOf(bytes) });
  const unfinished = `${path}.part`;
  try {
    const handle = await open(unfinished, 'w');
    try {
      for (const part of parts) {
        for (let at = 0; at < part.byteLength;) at += (await handle.write(part, at)).bytesWritten;
      }
    } finally {
      await handle.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
