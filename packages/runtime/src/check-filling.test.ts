// What a caller puts into a slot by mistake, and what each mistake is told.
import type { Filling } from '@tilewright/kernels';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { booleanMask, documentMask, prefixMask } from '@tilewright/kernels/fillings';
import { registry } from '@tilewright/kernels/registry';
import { messageOf } from '@tilewright/tooling/message-of';
import { describe, expect, test } from 'vitest';
import { checkFilling } from './check-filling.ts';

const slots = flashAttention.definition.slots!;
const put = (slot: string, filling: unknown): string =>
  messageOf(() => checkFilling('flash-attention', slots, slot, filling as Filling));

test('a factory, or nothing like a filling', () => {
  expect(put('mask', booleanMask)).toBe(
    '[flash-attention] slots.mask is the function booleanMask; the slot takes a filling, which such a function makes. ' +
      'Fix: call it: slots: { mask: booleanMask(…) }.',
  );
  const other =
    'the slot takes a filling. Fix: give one of @tilewright/kernels/fillings, or { id, wgsl, reference }.';
  expect(put('mask', 'causal')).toBe(`[flash-attention] slots.mask is a string; ${other}`);
  expect(put('mask', {})).toBe(`[flash-attention] slots.mask is an object without id and wgsl; ${other}`);
  expect(put('mask', null)).toBe(`[flash-attention] slots.mask is null; ${other}`);
  expect(put('mask', undefined)).toBe(`[flash-attention] slots.mask is undefined; ${other}`);
});

test('a filling of another slot', () => {
  expect(put('load_k', prefixMask)).toBe(
    "[flash-attention] slots.load_k is filled with 'prefix', which does not define fn load_k_at(u32, u32, u32); the functions of the " +
      'slot are fn load_k_at(u32, u32, u32), fn load_k(Token, u32). Fix: put it into mask.',
  );
  expect(put('score', documentMask)).toBe(
    "[flash-attention] slots.score is filled with 'documents', which defines more than the slot asks for; the functions " +
      'of the slot are fn score(f32, Pair). Fix: put it into mask.',
  );
  expect(put('mask', documentMask)).toBe('nothing was thrown');
});

describe('every filling fits the slot it is checked in', () => {
  const filled = registry.flatMap(({ kernel, cases }) =>
    cases.flatMap(({ slots: given = {} }) =>
      Object.entries(given).map(([slot, filling]) => ({ kernel, slot, filling })),
    ),
  );
  test('there are some', () => expect(filled.length).toBeGreaterThan(90));
  test.each([...new Set(filled.map(({ kernel }) => kernel.name))])('%s', (name) => {
    for (const { kernel, slot, filling } of filled.filter((each) => each.kernel.name === name))
      expect(messageOf(() => checkFilling(name, kernel.definition.slots!, slot, filling))).toBe(
        'nothing was thrown',
      );
  });
});
