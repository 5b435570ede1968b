// What slots hand in, and what absorbed nodes do with it.
import type { Extent, FillingBinding } from '@tilewright/kernels';

/** How much a function must see at once, or a slot hands in: each holds all before it. */
export type Sight = 'element' | 'pair' | 'quad' | 'head' | 'row';

/** A value that a slot hands in: all of what it is about, or some columns. */
export interface RegionArgument {
  readonly value: string;
  readonly columns?: readonly [from: number, to: number];
  /** What they are columns of, where an earlier region changed the host's result: one without results. */
  readonly of?: string;
}

/** What an absorbed node does to four neighbouring columns of a row: changes them, or stores them somewhere. */
export interface RegionStep {
  /** Names the text. */
  readonly id: string;
  readonly kind: 'map' | 'store';
  /** Buffers by name, with the graph's value for each. */
  readonly bindings: Readonly<
    Record<string, FillingBinding & { readonly value: string; readonly addressedBytes?: Extent }>
  >;
  /**
   * Defines `fn NAME(row: u32, column: u32, v: vec4<f32>)`, which returns the new `vec4<f32>` where it is a map. `at` begins
   * the names of a binding's accessors.
   */
  readonly wgsl: (name: string, at: (binding: string) => string) => string;
}
