// The contract that flash-attention and decode-attention share: tensors, options, slots, and their meaning.
import type { KernelDefinition, OptionTest, Problem, TensorContract } from '../contract/contract.ts';
import type { Sizes } from '../contract/extent.ts';
import { attentionSlots } from './slots.ts';

export type AttentionInput =
  | 'q'
  | 'k'
  | 'v'
  | 'lengths'
  | 'q_starts'
  | 'k_starts'
  | 'block_starts'
  | 'block_keys';

const packed: readonly [string, boolean] = ['packed', true];
const listed: OptionTest = ['blocks', 'listed'];

/** What a kernel definition needs beside its name, cost and variants. */
type SharedContract = Pick<KernelDefinition, 'axes' | 'scalars' | 'options' | 'slots' | 'dtypes'> & {
  readonly axesWhen: Readonly<Record<string, OptionTest>>;
  readonly inputs: Readonly<Record<AttentionInput, TensorContract>>;
  readonly outputs: Readonly<Record<'y' | 'lse', TensorContract>>;
};

const keyHeads: TensorContract['divides'] = ['kv_heads', 'heads', 'keys', 'key_tokens'];

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
      order: { option: 'q_strides', letters: 'bshd' },
      shapeWhen: [...packed, ['tokens', 'heads', 'head_size'], 'shd'],
    },
    k: {
      shape: ['batch', 'keys', 'kv_heads', 'head_size'],
      order: { option: 'k_strides', letters: 'bshd' },
      shapeWhen: [...packed, ['key_tokens', 'kv_heads', 'head_size'], 'shd'],
      divides: keyHeads,
    },
    v: {
      shape: ['batch', 'keys', 'kv_heads', 'value_size'],
      order: { option: 'v_strides', letters: 'bshd' },
      shapeWhen: [...packed, ['key_tokens', 'kv_heads', 'value_size'], 'shd'],
      divides: keyHeads,
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
      order: { option: 'y_strides', letters: 'bshd' },
      shapeWhen: [...packed, ['tokens', 'heads', 'value_size'], 'shd'],
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
     * `block_keys[block_starts[i]]` up to `block_keys[block_starts[i + 1]]`, ascending (`checkBlockLists`). With `block_heads`, heads have
     * lists of their own, those of head 0 first.
     */
    blocks: ['all', 'listed'],
    block_size: [64],
    block_heads: [false, true],
    /**
     * Orders of the tensors' axes, the same for all by default, as projections write them; caches usually are `bhsd`. Digits
     * read what lies otherwise.
     */
    q_strides: ['bshd'],
    k_strides: ['bshd'],
    v_strides: ['bshd'],
    y_strides: ['bshd'],
  },
  slots: attentionSlots,
  dtypes: ['f32', 'f16'],
};

/** What not every caller's batches are: texts, and the check of the sizes that they bring along. */
export interface AttentionModes {
  /** Batch rows of any size, one after the other. */
  readonly packed?: string;
  /** Blocks of keys by list. */
  readonly listed?: string;
  /** Throws `bad-argument`, `bad-shape`. */
  readonly validate?: (kernel: string, axes: Sizes, settings: AttentionSettings) => void;
}

/** The contract of a kernel that has these modes. */
export const contractOf = ({ packed, listed }: AttentionModes): SharedContract => ({
  ...attentionContract,
  options: {
    ...attentionContract.options,
    ...(packed === undefined && { packed: [false] }),
    ...(listed === undefined && { blocks: ['all'] }),
  },
});

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

/** Positions in WGSL are i32: what reaches farther than half of that is no bound, and offsets stay below. */
export const farthest: number = 2 ** 30;

const bounded = (window: number): number => (window > farthest ? -1 : window);

type Asked = Pick<Problem, 'axes' | 'scalars' | 'options'>;

export function attentionSettings({ axes, scalars, options }: Asked): AttentionSettings {
  return {
    scale: scalars.scale === 0 ? 1 / Math.sqrt(axes.head_size!) : scalars.scale!,
    causal: options.causal === true,
    lengths: options.lengths === true,
    lse: options.lse === true,
    alignment: options.alignment as 'end' | 'start',
    offset: Number(options.offset ?? 0),
    windowLeft: bounded(Number(options.window_left)),
    windowRight: bounded(Number(options.window_right)),
    softcap: Number(options.softcap),
    packed: options.packed === true,
    listed: options.blocks === 'listed',
    // Larger blocks than there are tokens are all the same, and a walk should not count through them.
    blockSize: Math.min(Number(options.block_size ?? 1), Math.max(axes.queries ?? 1, axes.keys ?? 1)),
    blockHeads: options.block_heads === true,
  };
}
