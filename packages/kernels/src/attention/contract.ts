// The contract that flash-attention and decode-attention share: tensors, options, slots, and their meaning.
import type { Cost, KernelDefinition, OptionValue, Problem, TensorContract } from '../core/contract.ts';
import { TilewrightError } from '../core/errors.ts';
import type { Sizes } from '../core/extent.ts';
import { memoryOrder, type MemoryOrder } from './memory-order.ts';
import { attentionSlots } from './slots.ts';

/** What a kernel definition needs beside its name, cost and variants. */
type SharedContract = Pick<KernelDefinition, 'axes' | 'scalars' | 'options' | 'slots' | 'dtypes'> & {
  readonly inputs: Readonly<Record<'q' | 'k' | 'v' | 'lengths', readonly string[] | TensorContract>>;
  readonly outputs: Readonly<Record<'y' | 'lse', readonly string[] | TensorContract>>;
};

export const attentionContract: SharedContract = {
  axes: {
    batch: 'dynamic',
    queries: 'dynamic',
    keys: 'dynamic',
    heads: 'static',
    kv_heads: 'static',
    head_size: 'static',
    value_size: 'static',
  },
  inputs: {
    q: ['batch', 'queries', 'heads', 'head_size'],
    k: ['batch', 'kv_heads', 'keys', 'head_size'],
    v: ['batch', 'kv_heads', 'keys', 'value_size'],
    lengths: { shape: ['batch'], dtype: 'u32', when: ['lengths', true] },
  },
  outputs: {
    y: ['batch', 'queries', 'heads', 'value_size'],
    lse: { shape: ['batch', 'heads', 'queries'], dtype: 'f32', when: ['lse', true] },
  },
  /** `scale` 0 means 1/√head_size. */
  scalars: { scale: 0 },
  options: {
    causal: [false, true],
    lengths: [false, true],
    lse: [false, true],
    /** The position of query i: `end`, i + length - queries (bottom right); `start`, i. */
    alignment: ['end', 'start'],
    /** A query at position p sees keys p - left … p + right; -1 is no bound. */
    window_left: [-1],
    window_right: [-1],
    /** c·tanh(s / c); 0 is none. */
    softcap: [0],
    q_strides: ['bshd'],
    k_strides: ['bhsd'],
    v_strides: ['bhsd'],
    y_strides: ['bshd'],
  },
  slots: attentionSlots,
  dtypes: ['f32', 'f16'],
};

export interface AttentionSettings {
  readonly scale: number;
  readonly causal: boolean;
  readonly lengths: boolean;
  readonly lse: boolean;
  readonly alignment: 'end' | 'start';
  readonly windowLeft: number;
  readonly windowRight: number;
  readonly softcap: number;
}

type Asked = Pick<Problem, 'axes' | 'scalars' | 'options'>;

export function attentionSettings({ axes, scalars, options }: Asked): AttentionSettings {
  return {
    scale: scalars.scale === 0 ? 1 / Math.sqrt(axes.head_size!) : scalars.scale!,
    causal: options.causal === true,
    lengths: options.lengths === true,
    lse: options.lse === true,
    alignment: options.alignment as 'end' | 'start',
    windowLeft: Number(options.window_left),
    windowRight: Number(options.window_right),
    softcap: Number(options.softcap),
  };
}

export interface PlacedTensor {
  readonly order: MemoryOrder;
  readonly sizes: { readonly b: number; readonly s: number; readonly h: number; readonly d: number };
}

/** The memory orders of q, k, v and y with the sizes they apply to. Throws `bad-argument` for a bad pattern. */
export function attentionOrders(
  { axes, options }: { readonly axes: Sizes; readonly options: Readonly<Record<string, OptionValue>> },
  kernel = 'attention',
): Readonly<Record<'q' | 'k' | 'v' | 'y', PlacedTensor>> {
  const { batch, queries, keys, heads, kv_heads, head_size, value_size } = axes as Record<string, number> &
    Sizes;
  const place = (tensor: 'q' | 'k' | 'v' | 'y', s: number, h: number, d: number): PlacedTensor => {
    const option = `${tensor}_strides`;
    return {
      order: memoryOrder(kernel, option, String(options[option]), tensor === 'y'),
      sizes: { b: batch!, s, h, d },
    };
  };
  return {
    q: place('q', queries!, heads!, head_size!),
    k: place('k', keys!, kv_heads!, head_size!),
    v: place('v', keys!, kv_heads!, value_size!),
    y: place('y', queries!, heads!, value_size!),
  };
}

export function validateAttention(kernel: string): (problem: Problem) => void {
  return (problem) => {
    const { heads, kv_heads } = problem.axes;
    if (heads! % kv_heads! !== 0)
      throw new TilewrightError('bad-shape', {
        subject: kernel,
        problem: `${heads} query heads do not share ${kv_heads} key/value heads evenly`,
        requirement: 'heads must be a multiple of kv_heads, so that groups of query heads share one',
        fix: 'give counts that divide',
      });
    for (const [name, least, integer] of [
      ['window_left', -1, true],
      ['window_right', -1, true],
      ['softcap', 0, false],
    ] as const) {
      const value = Number(problem.options[name]);
      if (value >= least && Number.isFinite(value) && (!integer || Number.isInteger(value))) continue;
      throw new TilewrightError('bad-argument', {
        subject: kernel,
        problem: `option '${name}' is ${value}`,
        requirement: integer
          ? 'a window is a number of keys, or -1 for no bound'
          : 'a soft-cap is positive, or 0 for none',
        fix: `give ${name} such a value`,
      });
    }
    attentionOrders(problem, kernel);
  };
}

const bytesOf = (problem: Problem, name: string): number => (problem.dtypes[name] === 'f16' ? 2 : 4);

/** Keys and values once per key/value head, queries and output once; two products per visible pair. */
export function attentionCost(problem: Problem): Cost {
  const { batch, queries, keys, heads, kv_heads, head_size, value_size } = problem.axes as Required<
    Record<string, number>
  >;
  const { causal, alignment, windowLeft, windowRight } = attentionSettings(problem);
  const shift = alignment === 'end' ? keys! - queries! : 0;
  let pairs = 0;
  for (let query = 0; query < queries!; query++) {
    const position = query + shift;
    const last = Math.min(
      keys! - 1,
      causal ? position : Infinity,
      windowRight >= 0 ? position + windowRight : Infinity,
    );
    const first = Math.max(0, windowLeft >= 0 ? position - windowLeft : 0);
    pairs += Math.max(0, last - first + 1);
  }
  const qBytes =
    queries! * heads! * (head_size! * bytesOf(problem, 'q') + value_size! * bytesOf(problem, 'y'));
  const kvBytes =
    keys! * kv_heads! * (head_size! * bytesOf(problem, 'k') + value_size! * bytesOf(problem, 'v'));
  return {
    bytes: batch! * (qBytes + kvBytes),
    flops: batch! * heads! * pairs * (2 * head_size! + 2 * value_size! + 4),
  };
}
