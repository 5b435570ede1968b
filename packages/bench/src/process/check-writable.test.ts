import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '@tilewright/tooling/message-of';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkWritable, unwritable } from './check-writable.ts';
import { makeFolders } from './make-folders.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tilewright-writable-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a name that only fails when the file is opened is refused, also of the file that is put in place', () => {
  // Permissions allow both; a name has at most 255 bytes.
  for (const [length, inPlace] of [
    [251, false],
    [256, true],
  ] as const) {
    const path = join(folder, 'x'.repeat(length));
    expect(messageOf(() => checkWritable('--json', path, { inPlace }))).toBe(
      `[--json] ${path} cannot be written: the name is too long (ENAMETOOLONG). Fix: name a place that you may write to.`,
    );
  }
  expect(messageOf(() => checkWritable('--json', join(folder, 'x'.repeat(250))))).toBe('nothing was thrown');
  expect(readdirSync(folder)).toEqual([]);
});

test('folders are made one below the other, and the first is told', () => {
  const deep = join(folder, 'a/b/c');
  expect(makeFolders(deep)).toBe(join(folder, 'a'));
  expect(makeFolders(deep)).toBeUndefined();
  expect(makeFolders(join(deep, 'd'))).toBe(join(deep, 'd'));
  writeFileSync(join(deep, 'file'), '');
  for (const path of ['file', 'file/below'])
    expect(messageOf(() => checkWritable('--json', join(deep, path, 'x')))).toMatch(
      /a part of the path is a file, not a folder \((EEXIST|ENOTDIR)\)/,
    );
  rmSync(join(folder, 'a'), { recursive: true });
});

const noFolders = '/proc/self';
// Only Linux has such a place.
test.skipIf(!existsSync(noFolders))('a place that takes no folders is refused at once', () => {
  // Node's recursive mkdir never comes back from here.
  const path = join(noFolders, 'tilewright/out/x');
  expect(messageOf(() => checkWritable('--json', path))).toBe(
    `[--json] ${path} cannot be written: there is no such place (ENOENT). Fix: name a place that you may write to.`,
  );
});

test('what is there stays as it is', () => {
  for (const name of ['rows', 'rows.part']) writeFileSync(join(folder, name), name);
  checkWritable('--json', join(folder, 'rows'));
  checkWritable('--json', join(folder, 'rows'), { inPlace: true });
  for (const name of ['rows', 'rows.part']) expect(readFileSync(join(folder, name), 'utf8')).toBe(name);
  checkWritable('--json', join(folder, 'new'), { inPlace: true });
  expect(readdirSync(folder).sort()).toEqual(['rows', 'rows.part']);
});

test('a failure is a sentence, with what the system called it', () => {
  const said = (code: string): string =>
    unwritable('bad-file', 'compress', '/out', Object.assign(new Error('no'), { code })).message;
  expect(said('ENOSPC')).toBe(
    '[compress] /out cannot be written: the disk is full (ENOSPC). Fix: make room, or name a place on another disk.',
  );
  expect(said('EROFS')).toBe(
    '[compress] /out cannot be written: its file system is read-only (EROFS). Fix: name a place that you may write to.',
  );
  expect(said('EIO')).toBe(
    '[compress] /out cannot be written: EIO. Fix: name a place that you may write to.',
  );
});
