import { messageOf } from '@tilewright/tooling/message-of';
import { expect, test } from 'vitest';
import { checkSettings } from './attributes.ts';
import { variantNamed, variantNames } from '@tilewright/models/variants';

const shown = { variant: 'int4-rtn', prompt: '', temperature: 0, seed: 1 };
const taken = { ...shown, variant: variantNamed('int4-rtn', 'test') };
const refusal = (settings: object, attributes: Record<string, string> = {}): string =>
  messageOf(() => checkSettings({ ...shown, ...settings }, (name) => attributes[name] ?? null));
const variants = `the variants are ${variantNames.join(', ')}`;

test('what the form shows is taken', () => {
  const attributes: Record<string, string> = { 'max-tokens': '24' };
  expect(checkSettings(shown, (name) => attributes[name] ?? null)).toEqual({ ...taken, maxTokens: 24 });
  expect(checkSettings(shown, () => null)).toEqual({ ...taken, maxTokens: undefined });
});

test('what it cannot show is refused, with the nearest name', () => {
  expect(refusal({ variant: '' }, { variant: 'int5' })).toBe(
    `[tilewright-model] there is no variant 'int5'; ${variants}. Fix: write 'int8-rtn'.`,
  );
  expect(refusal({ variant: '' }, { variant: 'int4_gptq' })).toBe(
    `[tilewright-model] there is no variant 'int4_gptq'; ${variants}. Fix: write 'int4-gptq'.`,
  );
  expect(refusal({ variant: '' }, { variant: 'awq' })).toBe(
    `[tilewright-model] there is no variant 'awq'; ${variants}. Fix: choose one of them.`,
  );
  expect(refusal({ temperature: Number.NaN }, { temperature: 'hot' })).toBe(
    "[tilewright-model] temperature is 'hot'; it is a number. Fix: give a number as temperature.",
  );
  expect(refusal({ seed: Number.NaN })).toBe(
    "[tilewright-model] seed is ''; it is a number. Fix: give a number as seed.",
  );
  for (const most of ['many', '0', '-1', '1.5', ''])
    expect(refusal({}, { 'max-tokens': most })).toBe(
      `[tilewright-model] max-tokens is '${most}'; it is a number of tokens, from 1. Fix: give such a number, or leave it out.`,
    );
});
