import { fittedOrder } from '../../memory/fitted-order.ts';
import { type MemoryOrder, rowAddressWgsl } from '../../memory/memory-order.ts';
import { quantizedPlane, type QuantizedPlane } from '../quantized-cache.ts';
import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import cacheQuantizeWgsl from './cache-quantize.wgsl';

const workgroup = 64;

/** The layout that axes and options ask for. */
export function planeOf({ axes, options }: Pick<Problem, 'axes' | 'options'>): QuantizedPlane {
  const channels = Number(options.group_channels);
  return quantizedPlane({
    capacity: axes.capacity!,
    size: axes.size!,
    bits: options.bits as 8 | 4,
    groupTokens: Number(options.group_tokens),
    ...(channels !== 0 && { groupChannels: channels }),
  });
}

function program(problem: Problem, plan: Plan): Program {
  const {
    kv_heads: kvHeads,
    capacity,
    size,
  } = problem.axes as Record<'kv_heads' | 'capacity' | 'size', number>;
  const plane = planeOf(problem);
  const { codesPerWord, groupTokens, groupChannels, channelGroups } = plane;
  const whole = groupChannels === size;
  const stripChannels = whole ? size : Math.max(codesPerWord, groupChannels);
  const strips = Math.ceil(size / stripChannels);
  const bits = Number(problem.options.bits);
  const order = orderOf(problem);
  return assemble({
    kernel: cacheQuantize,
    problem,
    plan,
    constants: {
      KV_HEADS: kvHeads,
      CAPACITY: capacity,
      SIZE: size,
      BITS: bits,
      LEVELS: { f32: 2 ** bits - 1 },
      CODES_PER_WORD: codesPerWord,
      ROW_WORDS: plane.rowWords,
      CODE_WORDS: plane.codeWords,
      PLANE_WORDS: plane.planeWords,
      GROUP_TOKENS: groupTokens,
      GROUP_CHANNELS: groupChannels,
      CHANNEL_GROUPS: channelGroups,
      STRIPS: strips,
      STRIP_CHANNELS: stripChannels,
      STRIP_WORDS: Math.ceil(stripChannels / codesPerWord),
      STRIP_GROUPS: whole ? 1 : stripChannels / groupChannels,
      MANY: 0x3fff_ffff,
      WORKGROUP: workgroup,
    },
    wgsl: [
      cacheQuantizeWgsl,
      rowAddressWgsl('x_at', order, {
        b: 'params.batch',
        s: 'params.tokens',
        h: `${kvHeads}u`,
        d: size,
      }),
    ],
    dispatches: [
      {
        entryPoint: 'main',
        workgroups: ceilDiv(
          times('batch', times(ceilDiv('tokens', groupTokens), kvHeads * strips)),
          workgroup,
        ),
      },
    ],
  });
}

function orderOf(problem: Problem): MemoryOrder {
  const { axes } = problem;
  return fittedOrder('cache-quantize', 'x_strides', problem, false, {
    b: axes.batch!,
    s: axes.tokens!,
    h: axes.kv_heads!,
  });
}

/**
 * cache rows = codes of x with a scale and a least value for each block.
 *
 * Writes keys or values into a cache of integers of 8 or 4 bits, each block of `group_tokens` by `group_channels` (0: all)
 * with a scale and a least value of its own: x ≈ low + scale · code. `quantizedPlane` of `@tilewright/kernels/attention` says how
 * the cache is laid out; `quantizedLoadK` and `quantizedLoadV` read it.
 *
 * `x` is `[batch, kv_heads, tokens, size]` (or as `x_strides` says), f32 or f16, of magnitudes below 1e38; `starts` u32
 * `[batch]` is the row that a batch row's first token belongs to, cut down to a multiple of `group_tokens`, so that blocks
 * begin together; `cache` u32 `[batch, kv_heads, plane]` keeps its other rows; rows beyond `capacity` are left out.
 */
export const cacheQuantize: Kernel<'x' | 'starts', 'cache'> = /* @__PURE__ */ defineKernel({
  name: 'cache-quantize',
  axes: {
    batch: 'dynamic',
    kv_heads: 'static',
    tokens: 'dynamic',
    size: 'static',
    capacity: 'static',
    plane: 'static',
  },
  inputs: {
    x: { shape: ['batch', 'kv_heads', 'tokens', 'size'], order: { option: 'x_strides', letters: 'bhsd' } },
    starts: { shape: ['batch'], dtype: 'u32' },
  },
  outputs: { cache: { shape: ['batch', 'kv_heads', 'plane'], dtype: 'u32', inOut: true } },
  options: { bits: [8, 4], group_tokens: [1], group_channels: [0], x_strides: ['bhsd'] },
  dtypes: ['f32', 'f16'],
  validate: (problem) => {
    orderOf(problem);
    const { planeWords } = planeOf(problem);
    if (problem.axes.plane !== planeWords)
      throw new TilewrightError('bad-shape', {
        subject: 'cache-quantize',
        problem: `the cache has ${problem.axes.plane} words for a batch row and head`,
        requirement: `${problem.axes.capacity} rows of ${problem.axes.size} channels take ${planeWords} with these options`,
        fix: "give the 'planeWords' that quantizedPlane says",
      });
  },
  variants: [{ name: 'baseline', program }],
});
