// What passed on this machine, so that a shader which did not change is not compiled again. A key is a hash of everything
// that decided: see case-key.ts. One small file per key: workers write side by side without a lock, and a file that holds
// something else than its own name (a crash half way, a full disk) counts as forgotten.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface PassedMemory {
  has(key: string): boolean;
  /** Only what passed may be added. */
  add(key: string): void;
}

/** A memory in `folder`, which is made when something is added. */
export function passedMemory(folder: string): PassedMemory {
  const fileOf = (key: string): string => join(folder, key.slice(0, 2), key.slice(2));
  return {
    has(key) {
      try {
        return readFileSync(fileOf(key), 'utf8') === key;
      } catch {
        return false;
      }
    },
    add(key) {
      const file = fileOf(key);
      const unfinished = `${file}.${process.pid}`;
      mkdirSync(join(folder, key.slice(0, 2)), { recursive: true });
      writeFileSync(unfinished, key);
      renameSync(unfinished, file);
    },
  };
}

/** A memory that remembers nothing: of CI, and of `npm test -- --all`. */
export const noMemory: PassedMemory = { has: () => false, add: () => undefined };

/** A hash of texts and bytes in this order, each with its length, so that no two lists run into one. */
export function hashOf(parts: readonly (string | ArrayBufferView)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    const bytes =
      typeof part === 'string'
        ? Buffer.from(part)
        : new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
    hash.update(`${bytes.byteLength}:`).update(bytes);
  }
  return hash.digest('hex');
}
