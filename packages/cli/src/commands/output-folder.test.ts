import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isTilewrightError } from '@tilewright/kernels';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assertOutside, checkOutputFolder, writeOutputFolder } from './output-folder.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tilewright-output-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const said = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (!isTilewrightError(error)) throw error;
    return `${error.code}: ${error.message}`;
  }
  return 'nothing was thrown';
};

test('checking leaves nothing behind, also where the path is new', async () => {
  expect(await said(checkOutputFolder(join(folder, 'a/b/c'), 1))).toBe('nothing was thrown');
  expect(readdirSync(folder)).toEqual([]);
});

test('a place that cannot be written to', async () => {
  writeFileSync(join(folder, 'file'), '');
  const below = join(folder, 'file/out');
  expect(await said(checkOutputFolder(below, 0))).toBe(
    `bad-argument: [${below}] it, or a part of its path, is a file; the output is a folder that does not exist yet, or is ` +
      'empty. Fix: name such a folder.',
  );
  const long = join(folder, 'x'.repeat(250));
  expect(await said(checkOutputFolder(long, 0))).toBe(
    `bad-argument: [compress] ${long} cannot be written: the name is too long (ENAMETOOLONG). Fix: name a place that you may ` +
      'write to.',
  );
  rmSync(join(folder, 'file'));
});

test('a full disk', async () => {
  const out = join(folder, 'out');
  expect(await said(checkOutputFolder(out, 5e6, async () => 4e6))).toBe(
    `bad-argument: [compress] the disk of ${out} has 4.00 MB left; the result takes 5.00 MB at least. Fix: make room, or name ` +
      'a folder on another disk.',
  );
  expect(await said(checkOutputFolder(out, 5e6, async () => undefined))).toBe('nothing was thrown');
  const full = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC', syscall: 'write' });
  const files = { source: folder, files: [] };
  expect(await said(writeOutputFolder(out, { ...files, fill: () => Promise.reject(full) }))).toBe(
    `bad-file: [compress] ${out} cannot be written: the disk is full (ENOSPC). Fix: make room, or name a place on another disk.`,
  );
  expect(readdirSync(folder)).toEqual([]);
});

test('a folder without a name', async () => {
  // Else it would be the folder that the command runs in.
  for (const name of ['', ' '])
    expect(await said(checkOutputFolder(name, 0))).toBe(
      'bad-argument: [compress] the output has no name; the output is a folder that does not exist yet, or is empty. ' +
        'Fix: name such a folder.',
    );
});

test('the folder of the model, and one in it', async () => {
  for (const output of ['m/sub', 'm/', './m'])
    expect(await said(assertOutside(output, 'm'))).toBe(
      `bad-argument: [compress] ${output} lies in m, the folder of the model; that folder stays as it is. Fix: name a folder ` +
        'beside it.',
    );
  for (const output of ['m-small', '../m', ''])
    expect(await said(assertOutside(output, 'm'))).toBe('nothing was thrown');
});

test('links to the folder of the model, from it, and to nothing', async () => {
  const [model, link, inside] = ['model', 'link', 'inside'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(model);
  symlinkSync(model, link);
  symlinkSync(join(model, 'new'), inside);
  const refused = (output: string, source: string): string =>
    `bad-argument: [compress] ${output} lies in ${source}, the folder of the model; that folder stays as it is. Fix: name a folder ` +
    'beside it.';
  for (const output of [link, join(link, 'small'), join(link, 'a/b')])
    expect(await said(assertOutside(output, model))).toBe(refused(output, model));
  expect(await said(assertOutside(join(model, 'small'), link))).toBe(refused(join(model, 'small'), link));
  expect(await said(assertOutside(join(folder, 'beside'), link))).toBe('nothing was thrown');
  expect(await said(checkOutputFolder(inside, 0))).toBe(
    `bad-argument: [${inside}] it is a link to ${join(model, 'new')}, which is not there; the output is a folder that does not exist ` +
      'yet, or is empty. Fix: make that folder, or name another.',
  );
  for (const path of [link, inside]) rmSync(path);
  rmSync(model, { recursive: true });
});

test('a link to an empty folder is filled there', async () => {
  const [target, link] = [join(folder, 'disk/target'), join(folder, 'to-disk')];
  mkdirSync(target, { recursive: true });
  symlinkSync(target, link);
  expect(await said(checkOutputFolder(link, 0))).toBe('nothing was thrown');
  const fill = async (to: string): Promise<void> => {
    // Beside the folder itself, so that moving it stays on one disk.
    expect(dirname(to)).toBe(realpathSync(join(folder, 'disk')));
    writeFileSync(join(to, 'model.safetensors'), 'w');
  };
  await writeOutputFolder(link, { source: folder, files: [], fill });
  expect(readdirSync(target)).toEqual(['model.safetensors']);
  rmSync(link);
  rmSync(join(folder, 'disk'), { recursive: true });
});

test('what stands there already', async () => {
  const out = join(folder, 'taken');
  mkdirSync(out);
  expect(await said(checkOutputFolder(out, 0))).toBe('nothing was thrown');
  writeFileSync(join(out, 'config.json'), '{}');
  expect(await said(checkOutputFolder(out, 0))).toBe(
    `bad-argument: [${out}] the folder holds 1 file; nothing is overwritten. Fix: name a folder that does not exist yet.`,
  );
  rmSync(out, { recursive: true });
});

test('a whole folder is put in place, with copies of what there is', async () => {
  const source = join(folder, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'config.json'), '{"a":1}');
  const out = join(folder, 'new/out');
  const fill = async (to: string): Promise<void> => writeFileSync(join(to, 'model.safetensors'), 'w');
  await writeOutputFolder(out, { source, files: ['config.json', 'LICENSE'], fill });
  expect(readdirSync(out).sort()).toEqual(['config.json', 'model.safetensors']);
  expect(readFileSync(join(out, 'config.json'), 'utf8')).toBe('{"a":1}');
  expect(existsSync(out)).toBe(true);
  expect(readdirSync(join(folder, 'new'))).toEqual(['out']);
});
