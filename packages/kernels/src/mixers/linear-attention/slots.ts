// What the slots of linear attention promise, and what fills them when nobody says otherwise.
//
// WGSL sees these (places.wgsl):
//   struct Place { batch: u32, head: u32, token: u32 }     a token of a state's head
//   fn key_value(place: Place, column: u32) -> f32         an element of v
//   fn note_of(place: Place) -> f32                        what `gates` notes of it
import type { Round } from '../../contract/check.ts';
import type { Filling, SlotContract } from '../../contract/filling.ts';

/** A token of a state's head, where it lies in memory. */
export interface TokenPlace {
  readonly batch: number;
  readonly head: number;
  readonly token: number;
}

/** What a reference may read: its filling's tensors by binding name, and the problem's sizes. */
export interface MixerScope {
  tensor(binding: string): Float64Array;
  readonly axes: Readonly<Record<string, number>>;
  /** The column of v at a token. */
  value(place: TokenPlace, column: number): number;
  /** What the slot `gates` notes of a token. */
  note(place: TokenPlace): number;
  readonly round: Round;
}

/** `fn <slot>(x: f32) -> f32`: the feature of an element of a query or a key. */
export type FeatureMapReference = (x: number, round: Round) => number;

/**
 * `fn <slot>(place: Place) -> vec2<f32>`: the logarithm of a token's decay, and the factor of its key. Filled, it is asked once for each
 * token and head, in a dispatch of its own.
 */
export type GatesReference = (
  place: TokenPlace,
  scope: MixerScope,
) => readonly [decay: number, write: number, note: number];

/**
 * `fn <slot>(place: Place, head: u32, column: u32, value: f32, sum: f32) -> f32`: what is stored, of the output `value` of output head `head`
 * and, with a normaliser, of the sum of weights.
 */
export type FinishReference = (
  place: TokenPlace,
  output: { readonly head: number; readonly column: number; readonly value: number; readonly sum: number },
  scope: MixerScope,
) => number;

export const identityMap: Filling<FeatureMapReference> = /* @__PURE__ */ Object.freeze({
  id: 'identity',
  wgsl: (slot: string) => `fn ${slot}(x: f32) -> f32 { return x; }`,
  reference: (x: number) => x,
});

/** No gates but what the tensor `decay` says. */
export const plainGates: Filling<GatesReference> = /* @__PURE__ */ Object.freeze({
  id: 'plain',
  wgsl: () => '',
  reference: (): readonly [number, number, number] => [0, 1, 0],
});

export const plainFinish: Filling<FinishReference> = /* @__PURE__ */ Object.freeze({
  id: 'plain',
  wgsl: (slot: string) =>
    `fn ${slot}(place: Place, head: u32, column: u32, value: f32, sum: f32) -> f32 { return value; }`,
  reference: (_: TokenPlace, { value }: { readonly value: number }) => value,
});

export const linearAttentionSlots: Readonly<Record<'feature_map' | 'gates' | 'finish', SlotContract>> = {
  /** Features of queries and keys, element by element. */
  feature_map: { default: identityMap },
  /** Decay and weight of a token, from other tensors. */
  gates: { default: plainGates },
  /** The output from the read of the state: normalisers, skips, gates. */
  finish: { default: plainFinish },
};
