// Where tests remember what passed. An entry is proved again once a month, whether anything changed or not.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { deleteFiles, root } from './files.mjs';

export const passedFolder = join(root, 'node_modules/.cache/tilewright-passed');

const longestMs = 30 * 24 * 3600 * 1000;

/** Deletes what is older than a month, whether it was of use or not. */
export function forgetOld(folder = passedFolder, now = Date.now()) {
  deleteFiles(folder, (file) => now - statSync(file).mtimeMs > longestMs);
}
