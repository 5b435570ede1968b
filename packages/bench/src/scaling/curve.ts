import type { Filling, Kernel, OptionValue } from '@tilewright/kernels';
import type { Tensor } from '@tilewright/runtime';
import type { Judgement } from './part-oracle.ts';

/** Heads and channels of the attention that is measured: one key/value head to each query head, one batch row. */
export const heads = 4;
export const size = 64;

/** What all curves of a length share. `q` is `[1, queries, heads, size]`, `k` and `v` are `[1, heads, keys, size]`. */
export interface Drawn {
  readonly queries: number;
  readonly keys: number;
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
}

/** Puts numbers on the device, until the curve is done with them. */
export type Place = (shape: readonly number[], data: Float32Array | Uint32Array) => Tensor;

/** One kernel of a curve. */
export interface Stage {
  readonly kernel: Kernel;
  /** Its tensors; `made` are the outputs of the stages before, by name. */
  readonly inputs: (made: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Tensor>>;
  readonly axes?: Readonly<Record<string, number>>;
  readonly scalars?: Readonly<Record<string, number>>;
  readonly options?: Readonly<Record<string, OptionValue>>;
  readonly slots?: Readonly<Record<string, Filling>>;
  /** What the stages behind call its first output. */
  readonly output: string;
}

/** A way to attend or to mix tokens, whose time and bytes are followed over the length of the sequence. */
export interface Curve {
  readonly name: string;
  readonly family: 'attention' | 'mixer';
  /** How its time grows with the length: 1 in proportion, 2 with the square. */
  readonly growth: 1 | 2;
  /** `one`: a single query behind all keys, as in decoding; `all`: as many queries as keys. */
  readonly queries: 'one' | 'all';
  /** The curve at a length; mixers, which draw tensors of their own, take only the length. */
  readonly at: (drawn: Drawn) => CurveAt;
}

/** A curve at one length. */
export interface CurveAt {
  /** The kernels in order; the last one's output is the result. */
  readonly stages: (place: Place) => readonly Stage[];
  /** Holds the result against f64, in part. */
  readonly judge: (got: Float32Array) => Judgement;
}
