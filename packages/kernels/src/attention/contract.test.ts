import {
  baselineCapabilities,
  checkPlans,
  checkProblem,
  costOf,
  defaultLimits,
  type ProblemInput,
} from '@tilewright/kernels';
import { messageOf } from '@tilewright/tooling/message-of';
import { expect, test } from 'vitest';
import { additiveMask, alibi, gatedOutput, ropeLoadQ, sinkSoftmax } from './fillings/index.ts';
import { decodeAttention } from './decode-attention/index.ts';
import { check as flashAttentionCheck } from './flash-attention/check.ts';
import { flashAttention } from './flash-attention/index.ts';

const axes = { batch: 1, queries: 4, keys: 8, heads: 6, kv_heads: 2, head_size: 16, value_size: 16 };
const flash = (input: Partial<ProblemInput>): string =>
  messageOf(() => checkProblem(flashAttention, { axes, ...input }));

test('bad combinations name both sides', () => {
  expect(messageOf(() => decodeAttention.problem({ axes: { ...axes, kv_heads: 4 } }))).toBe(
    '[decode-attention] 6 query heads do not share 4 key/value heads evenly; heads must be a multiple of kv_heads, so that ' +
      'groups of query heads share one. Fix: give counts that divide.',
  );
  expect(flash({ options: { window_left: 1.5 } })).toBe(
    "[flash-attention] option 'window_left' is 1.5; a window is a number of keys, or -1 for no bound. Fix: give window_left such a value.",
  );
  expect(flash({ options: { offset: 0.5 } })).toBe(
    "[flash-attention] option 'offset' is 0.5; an offset is a whole number of keys, at most 1073741824 either way. " +
      'Fix: give offset such a value.',
  );
  expect(flash({ options: { offset: -(2 ** 31) } })).toContain("option 'offset' is -2147483648; an offset");
  // ONNX writes windows without a bound as the largest integer, too.
  expect(flash({ options: { window_left: 2 ** 63, window_right: 2 ** 31 - 1, offset: 5 } })).toBe(
    'nothing was thrown',
  );
  expect(flash({ options: { softcap: -2 } })).toBe(
    "[flash-attention] option 'softcap' is -2; a soft-cap is positive, or 0 for none. Fix: give softcap such a value.",
  );
  expect(messageOf(() => ropeLoadQ({ headSize: 64, positions: 8, rotary: 13 }))).toBe(
    '[rope load_q] 13 of 64 channels are to turn; it must be a multiple of 2 and at most the head size, so that pairs turn ' +
      'whole. Fix: use the kernel rope in front of attention.',
  );
});

test('packed batches and listed blocks whose tensors have other sizes', () => {
  const tokens = { tokens: 9, key_tokens: 12 };
  expect(flash({ axes: { ...axes, ...tokens, bounds: 3 }, options: { packed: true } })).toBe(
    '[flash-attention] q_starts and k_starts have 3 entries for 1 batch rows; a row ends where the next one starts, so there ' +
      'is one entry more than rows. Fix: give 2 entries.',
  );
  const packed = { axes: { ...axes, ...tokens, bounds: 2 }, options: { packed: true } };
  expect(flash(packed)).toBe('nothing was thrown');
  expect(flash({ ...packed, options: { packed: true, q_strides: 'b s b:3 h d' } })).toBe(
    "[flash-attention] option 'q_strides' is 'b s b:3 h d'; packed batch rows lie one after the other, so b is one digit. " +
      'Fix: give q_strides such an order, or do not pack.',
  );
  const listed = { axes: { ...axes, list_bounds: 9, listed: 4 } };
  expect(flash({ ...listed, options: { blocks: 'listed', block_size: 2, block_heads: true } })).toBe(
    '[flash-attention] block_starts has 9 entries for 12 lists; 4 queries in blocks of 2 have a list each, for each of 6 ' +
      'heads, and a list ends where the next one starts. Fix: give 13 entries.',
  );
  expect(flash({ ...listed, options: { blocks: 'listed', block_size: 0.5 } })).toBe(
    "[flash-attention] option 'block_size' is 0.5; it is a number of queries, and of keys. Fix: give block_size a positive integer.",
  );
});

test('a block larger than the sequence is the sequence', () => {
  const program = (block_size: number) => {
    const problem = flashAttention.problem({
      axes: { ...axes, list_bounds: 2, listed: 1 },
      options: { blocks: 'listed', block_size },
    });
    return flashAttention.program(problem, flashAttention.plans(problem, baselineCapabilities)[0]!);
  };
  expect(program(1e9)).toEqual(program(8));
});

test('a device must bind the tensors of all fillings at once', () => {
  const problem = decodeAttention.problem({
    axes: { ...axes, value_size: 8 },
    options: { lengths: true },
    slots: {
      mask: additiveMask({ batch: true }),
      score: alibi,
      weight: sinkSoftmax,
      epilogue: gatedOutput(8),
    },
  });
  expect(messageOf(() => checkPlans(decodeAttention, problem, baselineCapabilities))).toBe(
    '[decode-attention] no variant can run this problem on this device; subgroups: the device lacks subgroups; tile: with ' +
      'these fillings and options it binds more than 8 storage buffers. Fix: change the problem, or run it on a device that has what is missing.',
  );
  const limits = { ...defaultLimits, maxStorageBuffersPerShaderStage: 10 };
  expect(decodeAttention.plans(problem, { ...baselineCapabilities, limits }).length).toBeGreaterThan(0);
});

test('every head and value size from 4 to 256 has a tile within the floor limits', () => {
  const sizes = [4, 5, 20, 64, 80, 96, 127, 128, 192, 256];
  for (const head_size of sizes)
    for (const value_size of sizes)
      for (const kernel of [flashAttention, decodeAttention]) {
        const plans = kernel.plans(
          kernel.problem({ axes: { ...axes, head_size, value_size } }),
          baselineCapabilities,
        );
        expect(
          plans.every((plan) => plan.variant === 'tile'),
          `${kernel.name} ${head_size} ${value_size}`,
        ).toBe(true);
      }
});

test('a subgroup variant is only offered where subgroups have one size', () => {
  const features = new Set(['subgroups', 'subgroup_id'] as const);
  const problem = decodeAttention.problem({ axes });
  const variants = (subgroupMinSize: number, subgroupMaxSize: number): string[] => [
    ...new Set(
      decodeAttention
        .plans(problem, { ...baselineCapabilities, features, subgroupMinSize, subgroupMaxSize })
        .map((plan) => plan.variant),
    ),
  ];
  expect(variants(32, 32)).toEqual(['subgroups', 'tile']);
  expect(variants(8, 32)).toEqual(['tile']);
});

test('the cost counts visible pairs only', () => {
  const flops = (options: ProblemInput['options'] = {}): number =>
    costOf(flashAttentionCheck, flashAttention.problem({ axes: { ...axes, queries: 8 }, options })).flops;
  expect(flops({ causal: true }) / flops()).toBe(36 / 64);
  expect(flops({ window_left: 0, window_right: 0 }) / flops()).toBe(8 / 64);
});
