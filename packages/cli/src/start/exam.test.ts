import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openModelFolderAt } from '@tilewright/formats/node';
import { openTokenizer } from '@tilewright/models';
import { expect, test } from 'vitest';
import { heldOutWindows, spreadWindows } from '../model/texts.ts';
import { shippedModel } from '../paths.ts';

test('the sample of the shipped model is long enough for what a CPU and a GPU are given', async () => {
  const text = readFileSync(join(shippedModel, 'sample.txt'), 'utf8');
  const source = await openModelFolderAt(shippedModel);
  const tokenizer = await openTokenizer(source);
  const middle = Math.floor(text.length / 2);
  expect(heldOutWindows(text.slice(middle), tokenizer, 128, 64).length).toBeGreaterThanOrEqual(6);
  expect(spreadWindows(text.slice(0, middle), tokenizer, 128, 16)).toHaveLength(16);
  await source.close?.();
});

test('windows of a draw are whole, repeat from run to run, and are others than those of another draw', async () => {
  const text = readFileSync(join(shippedModel, 'sample.txt'), 'utf8');
  const tokenizer = await openTokenizer(await openModelFolderAt(shippedModel));
  const draws = [0, 1, 1, 2].map((draw) => spreadWindows(text, tokenizer, 32, 8, draw));
  expect(draws.map((windows) => windows.map(({ length }) => length))).toEqual(
    draws.map(() => Array<number>(8).fill(32)),
  );
  expect(draws[1]).toEqual(draws[2]);
  expect(new Set(draws.map((windows) => JSON.stringify(windows))).size).toBe(3);
  const short = tokenizer.decode(tokenizer.encode(text).slice(0, 40));
  expect(spreadWindows(short, tokenizer, 32, 100).length).toBe(9);
  expect(spreadWindows(short, tokenizer, 41, 100)).toEqual([]);
});
