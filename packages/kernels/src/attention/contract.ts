// The contract that flash-attention and decode-attention share: tensors, options, slots, and their meaning.
import type {
  Cost,
  KernelDefinition,
  OptionTest,
  OptionValue,
  Problem,
  TensorContract,
} from '../core/contract.ts';
import { TilewrightError } from '../core/errors.ts';
import type { Sizes } from '../core/extent.ts';
import { memoryOrder, type MemoryOrder } from './memory-order.ts';
import { attentionSlots } from './slots.ts';
import { validateExtents } from './validate-extents.ts';

export type AttentionInput =
  | 'q'
  | 'k'
  | 'v'
  | 'lengths'
  | 'q_starts'
  | 'k_starts'
  | 'block_starts'
  | 'block_keys';

const packed: OptionTest = ['packed', true];
const listed: OptionTest = ['blocks', 'listed'];

/** What a kernel definition needs beside its name, cost and variants. */
type SharedContract = Pick<KernelDefinition, 'axes' | 'scalars' | 'options' | 'slots' | 'dtypes'> & {
  readonly axesWhen: Readonly<Record<string, OptionTest>>;
  readonly inputs: Readonly<Record<AttentionInput, readonly string[] | TensorContract>>;
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
    /** Packed: tokens of all batch rows, and batch + 1. */
    tokens: 'dynamic',
    key_tokens: 'dynamic',
    bounds: 'dynamic',
    /** Listed blocks: lists + 1, and entries of all lists. */
    list_bounds: 'dynamic',
    listed: 'dynamic',
  },
  axesWhen: { tokens: packed, key_tokens: packed, bounds: packed, list_bounds: listed, listed },
  inputs: {
    q: {
      shape: ['batch', 'queries', 'heads', 'head_size'],
      shapeWhen: [...packed, ['tokens', 'heads', 'head_size']],
    },
    k: {
      shape: ['batch', 'kv_heads', 'keys', 'head_size'],
      shapeWhen: [...packed, ['kv_heads', 'key_tokens', 'head_size']],
    },
    v: {
      shape: ['batch', 'kv_heads', 'keys', 'value_size'],
      shapeWhen: [...packed, ['kv_heads', 'key_tokens', 'value_size']],
    },
    lengths: { shape: ['batch'], dtype: 'u32', when: ['lengths', true] },
    q_starts: { shape: ['bounds'], dtype: 'u32', when: packed },
    k_starts: { shape: ['bounds'], dtype: 'u32', when: packed },
    block_starts: { shape: ['list_bounds'], dtype: 'u32', when: listed },
    block_keys: { shape: ['listed'], dtype: 'u32', when: listed },
  },
  outputs: {
    y: {
      shape: ['batch', 'queries', 'heads', 'value_size'],
      shapeWhen: [...packed, ['tokens', 'heads', 'value_size']],
    },
    lse: {
      shape: ['batch', 'heads', 'queries'],
      shapeWhen: [...packed, ['heads', 'tokens']],
      dtype: 'f32',
      when: ['lse', true],
    },
  },
  /** `scale` 0 means 1/√head_size. */
  scalars: { scale: 0 },
  options: {
    causal: [false, true],
    lengths: [false, true],
    lse: [false, true],
    /** The position of query i: `end`, i + length - queries (bottom right); `start`, i. */
    alignment: ['end', 'start'],
    /** Added to that position: the keys before the queries, where neither end of the keys says how many. */
    offset: [0],
    /** A query at position p sees keys p - left … p + right; -1 is no bound. */
    window_left: [-1],
    window_right: [-1],
    /** c·tanh(s / c); 0 is none. */
    softcap: [0],
    /**
     * Batch rows of any size, one after the other: row b has the queries `q_starts[b]` up to `q_starts[b + 1]`, keys
     * likewise. `queries` and `keys` are then the largest sizes, for fillings whose tensors are padded to them.
     */
    packed: [false, true],
    /**
     * `listed`: of the keys in blocks of `block_size`, each block of as many queries sees only those in its list:
     * `block_keys[block_starts[i]]` up to `block_keys[block_starts[i + 1]]`, ascending. With `block_heads`, heads have
     * lists of their own, those of head 0 first.
     */
    blocks: ['all', 'listed'],
    block_size: [64],
    block_heads: [false, true],
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
  readonly offset: number;
  readonly windowLeft: number;
  readonly windowRight: number;
  readonly softcap: number;
  readonly packed: boolean;
  readonly listed: boolean;
  readonly blockSize: number;
  readonly blockHeads: boolean;
}

type Asked = Pick<Problem, 'axes' | 'scalars' | 'options'>;

export function attentionSettings({ axes, scalars, options }: Asked): AttentionSettings {
  return {
    scale: scalars.scale === 0 ? 1 / Math.sqrt(axes.head_size!) : scalars.scale!,
    causal: options.causal === true,
    lengths: options.lengths === true,
    lse: options.lse === true,
    alignment: options.alignment as 'end' | 'start',
    offset: Number(options.offset ?? 0),
    windowLeft: Number(options.window_left),
    windowRight: Number(options.window_right),
    softcap: Number(options.softcap),
    packed: options.packed === true,
    listed: options.blocks === 'listed',
    blockSize: Number(options.block_size ?? 1),
    blockHeads: options.block_heads === true,
  };
}

export interface PlacedTensor {
  readonly order: MemoryOrder;
  readonly sizes: { readonly b: number; readonly s: number; readonly h: number; readonly d: number };
}

/** Queries and keys of a batch row; of packed ones the mean. */
export function rowSizes({ axes, options }: Pick<Problem, 'axes' | 'options'>): {
  readonly queries: number;
  readonly keys: number;
} {
  if (options.packed !== true) return { queries: axes.queries!, keys: axes.keys! };
  return {
    queries: Math.ceil(axes.tokens! / axes.batch!),
    keys: Math.ceil(axes.key_tokens! / axes.batch!),
  };
}

/** The memory orders of q, k, v and y with the sizes they apply to; all tokens are one row when packed. Throws `bad-argument` for a bad pattern. */
export function attentionOrders(
  { axes, options }: { readonly axes: Sizes; readonly options: Readonly<Record<string, OptionValue>> },
  kernel = 'attention',
): Readonly<Record<'q' | 'k' | 'v' | 'y', PlacedTensor>> {
  const { heads, kv_heads, head_size, value_size } = axes as Record<string, number> & Sizes;
  const whole = options.packed === true;
  const [batch, queries, keys] = whole
    ? [1, axes.tokens, axes.key_tokens]
    : [axes.batch, axes.queries, axes.keys];
  const place = (tensor: 'q' | 'k' | 'v' | 'y', s: number, h: number, d: number): PlacedTensor => {
    const option = `${tensor}_strides`;
    const order = memoryOrder(kernel, option, String(options[option]), tensor === 'y');
    if (whole && order.digits.some(({ axis, count }) => axis === 'b' && count !== undefined))
      throw new TilewrightError('bad-argument', {
        subject: kernel,
        problem: `option '${option}' is '${order.pattern}'`,
        requirement: 'packed batch rows lie one after the other, so b is one digit at most',
        fix: `give ${option} such an order, or do not pack`,
      });
    return {
      order,
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
    const settings = attentionSettings(problem);
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
      ['offset', -Infinity, true],
      ['softcap', 0, false],
    ] as const) {
      const value = Number(problem.options[name]);
      if (value >= least && Number.isFinite(value) && (!integer || Number.isInteger(value))) continue;
      throw new TilewrightError('bad-argument', {
        subject: kernel,
        problem: `option '${name}' is ${value}`,
        requirement: !integer
          ? 'a soft-cap is positive, or 0 for none'
          : name === 'offset'
            ? 'an offset is a whole number of keys'
            : 'a window is a number of keys, or -1 for no bound',
        fix: `give ${name} such a value`,
      });
    }
    validateExtents(kernel, problem.axes, settings);
    attentionOrders(problem, kernel);
  };
}

const bytesOf = (problem: Problem, name: string): number => (problem.dtypes[name] === 'f16' ? 2 : 4);

/** Keys and values once per key/value head, queries and output once; two products per visible pair. */
export function attentionCost(problem: Problem): Cost {
  const { batch, heads, kv_heads, head_size, value_size } = problem.axes as Required<Record<string, number>>;
  const { queries, keys } = rowSizes(problem);
  const { causal, alignment, offset, windowLeft, windowRight } = attentionSettings(problem);
  const shift = offset + (alignment === 'end' ? keys - queries : 0);
  let pairs = 0;
  for (let query = 0; query < queries; query++) {
    const position = query + shift;
    const last = Math.min(
      keys - 1,
      causal ? position : Infinity,
      windowRight >= 0 ? position + windowRight : Infinity,
    );
    const first = Math.max(0, windowLeft >= 0 ? position - windowLeft : 0);
    pairs += Math.max(0, last - first + 1);
  }
  const qBytes =
    queries * heads! * (head_size! * bytesOf(problem, 'q') + value_size! * bytesOf(problem, 'y'));
  const kvBytes =
    keys * kv_heads! * (head_size! * bytesOf(problem, 'k') + value_size! * bytesOf(problem, 'v'));
  return {
    bytes: batch! * (qBytes + kvBytes),
    flops: batch! * heads! * pairs * (2 * head_size! + 2 * value_size! + 4),
  };
}
