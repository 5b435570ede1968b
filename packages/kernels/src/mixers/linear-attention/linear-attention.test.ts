import { isTilewrightError, type ProblemInput } from '@tilewright/kernels';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { linearAttention } from './index.ts';
import { stateSpaceGates } from './state-space.ts';

testKernel(check);

const axes = {
  batch: 1,
  tokens: 4,
  keys: 4,
  heads: 2,
  key_heads: 2,
  value_heads: 2,
  outputs: 2,
  key_size: 8,
  value_size: 8,
};

const refusals: readonly (readonly [ProblemInput, string])[] = [
  [
    { axes: { ...axes, outputs: 4 } },
    'bad-shape: [linear-attention] outputs is 4; with 2 heads and 2 value heads it must be 2. Fix: give the larger one.',
  ],
  [
    { axes: { ...axes, heads: 3, outputs: 3 } },
    'bad-shape: [linear-attention] heads is 3, key_heads 2, value_heads 2; query heads and value heads must divide one another, and ' +
      'key heads must divide value heads. Fix: share heads in groups of one size.',
  ],
  [
    { axes: { ...axes, beta_heads: 3 }, options: { rule: 'delta' } },
    'bad-shape: [linear-attention] beta_heads is 3; it must be 1 or value_heads, 2. Fix: give a strength for all heads or for each.',
  ],
  [
    { axes: { ...axes, tokens: 3 } },
    'bad-shape: [linear-attention] there are 3 tokens and 4 keys; without cross each token has a key. ' +
      'Fix: give as many keys as tokens, or cross true.',
  ],
  [
    { axes, options: { reverse: true, causal: false } },
    'bad-argument: [linear-attention] reverse is true with causal false and cross false; backwards each token has a key, and sees none ' +
      'before it. Fix: give causal true and cross false.',
  ],
  [
    { axes, options: { decay: 'head' }, slots: { gates: stateSpaceGates({ softplus: false, bias: false }) } },
    "bad-argument: [linear-attention] the slot 'gates' is filled with decay 'head' and rule 'add'; decays and weights of keys have one " +
      "source. Fix: give decay 'none' and rule 'add' or 'general'.",
  ],
];

test.each(refusals)('%j is refused', (problem, message) => {
  try {
    linearAttention.problem(problem);
    expect.unreachable();
  } catch (error) {
    if (!isTilewrightError(error)) throw error;
    expect(`${error.code}: ${error.message}`).toBe(message);
  }
});
