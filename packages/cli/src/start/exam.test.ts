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
