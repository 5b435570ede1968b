import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { filesBelow } from './files.mjs';
import { passedFiles, treeHash } from './passed-files.mjs';

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'passed-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = { name: 'everything', env: { LP: '1' } };
const outcome = (...states) => ({
  seconds: 3,
  broken: false,
  tests: states.map((state, i) => ({ name: `test ${i}`, state, note: undefined, remembered: 0 })),
});

test('what passed is recalled with its counts, for the same tree, run and file', () => {
  const memory = passedFiles(folder, 'tree');
  memory.keep(run, 'a.test.ts', outcome('passed', 'skipped'));
  expect(memory.recall(run, 'a.test.ts')).toEqual({
    seconds: 0,
    broken: false,
    tests: [
      { name: 'test 0', state: 'passed', remembered: 1 },
      { name: 'test 1', state: 'skipped', remembered: 1 },
    ],
  });
  expect(memory.recall(run, 'b.test.ts')).toBeUndefined();
  expect(memory.recall({ ...run, name: 'another' }, 'a.test.ts')).toBeUndefined();
  expect(memory.recall({ ...run, env: { LP: '2' } }, 'a.test.ts')).toBeUndefined();
  expect(passedFiles(folder, 'another tree').recall(run, 'a.test.ts')).toBeUndefined();
});

test.each([
  ['a test failed', outcome('passed', 'failed')],
  ['a test did not end', outcome('pending')],
  ['there was no test', outcome()],
  ['the file failed outside of its tests', { ...outcome('passed'), broken: true }],
])('nothing is kept where %s', (_, failed) => {
  const memory = passedFiles(folder, 'tree');
  memory.keep(run, 'a.test.ts', failed);
  expect(readdirSync(folder)).toEqual([]);
});

test('what is damaged is forgotten', () => {
  const memory = passedFiles(folder, 'tree');
  memory.keep(run, 'a.test.ts', outcome('passed'));
  const [file] = filesBelow(folder);
  for (const damaged of ['{"seconds":3', '{}', JSON.stringify(outcome('failed'))]) {
    writeFileSync(file, damaged);
    expect(memory.recall(run, 'a.test.ts')).toBeUndefined();
  }
});

test('a tree is its names, its contents and what is said of the machine, not what is built', () => {
  writeFileSync(join(folder, 'a'), '1');
  const before = treeHash(folder, ['lavapipe']);
  mkdirSync(join(folder, 'dist'));
  writeFileSync(join(folder, 'dist/b'), '2');
  expect(treeHash(folder, ['lavapipe'])).toBe(before);
  expect(treeHash(folder, ['swiftshader'])).not.toBe(before);
  writeFileSync(join(folder, 'a'), '2');
  const after = treeHash(folder, ['lavapipe']);
  expect(after).not.toBe(before);
  writeFileSync(join(folder, 'b'), '');
  expect(treeHash(folder, ['lavapipe'])).not.toBe(after);
});
