// Of any kind of nodes and types, so that what says what those are can say what holds a format.
import type { Extent, StorageType } from '@tilewright/kernels';

/** What a cache holds, whatever its format. */
export interface CacheSizes {
  /** Sequences. */
  readonly rows: number;
  /** Heads of keys and values. */
  readonly heads: number;
  /** Positions of a sequence. */
  readonly positions: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly dtype: StorageType;
  /** Most tokens of one step. */
  readonly chunk: number;
}

/** What operators on a cache build with. */
export interface CachePlaceOf<Node, Type> {
  readonly sizes: CacheSizes;
  /** Begins the names of nodes. */
  readonly name: string;
  /** The sections as they are now: values of the graph. */
  readonly sections: Readonly<Record<string, string>>;
  /** An output of a node that the host computes when a step begins: made once for the whole graph. */
  readonly shared: (node: Omit<Node, 'name' | 'outputs'>, role: string) => string;
  /** A further input of each step. */
  readonly input: (name: string, type: Type) => string;
}

/** What a format builds with. */
export interface CacheStepOf<Node, Type> extends CachePlaceOf<Node, Type> {
  readonly sequences: string;
  /** Of each token its position in its row. */
  readonly positions: string;
  /** Of each row the positions before this step. */
  readonly before: string;
  readonly tokens: Extent;
}

/**
 * How keys and values of past positions are kept: an open value, by which `compile` puts nodes in the place of `AppendCache` and gives
 * attention what to read.
 */
export interface CacheFormatOf<Node, Type> {
  /** Two are the same where their ids are. */
  readonly id: string;
  /** The tensors that a cache consists of, each a state. Throws `bad-graph` for what the format cannot hold. */
  readonly sections: (sizes: CacheSizes) => Readonly<Record<string, Type>>;
  /** Nodes that write a step's keys and values (`K`, `V`, values of the graph), and what the sections become. */
  readonly append: (step: CacheStepOf<Node, Type> & { readonly K: string; readonly V: string }) => {
    readonly nodes: readonly Node[];
    readonly sections: Readonly<Record<string, string>>;
  };
  /**
   * Keys and values, `[rows, heads, positions, size]`, for attention whose queries see `window` keys before their own (-1: all): sections
   * as they are, or outputs of nodes that attention absorbs into its slots `load_k` and `load_v`. Throws `bad-graph` for more keys than
   * the format keeps.
   */
  readonly read: (step: CacheStepOf<Node, Type> & { readonly window: number }) => {
    readonly nodes: readonly Node[];
    readonly K: string;
    readonly V: string;
  };
}
