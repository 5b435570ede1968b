import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder, and those above it that are not there; returns the first that was made. Throws what the system says. Node's own way
 * never ends where a place is there and takes no folders, as `/proc`.
 */
export function makeFolders(folder: string): string | undefined {
  const parent = dirname(folder);
  const first = parent === folder || existsSync(parent) ? undefined : makeFolders(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    // Already there, perhaps since another process has made it.
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return first;
    throw error;
  }
  return first ?? folder;
}
