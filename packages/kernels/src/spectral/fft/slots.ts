// What the slots of `fft` promise, and what fills them when nobody says otherwise.
//
// WGSL sees `sample(line, n) -> vec2<f32>`, the element `n` of a line, 0 beyond its length, `product(z, w)` of complex numbers, and the
// constants SIZE, LENGTH, BINS. Lines are counted by `outer · inner`.
import type { Round } from '../../contract/check.ts';
import type { Filling, SlotContract } from '../../contract/filling.ts';

export type Complex = readonly [re: number, im: number];

/** What a reference may read: its filling's tensors by binding name, the problem's sizes, and the elements of the line. */
export interface FourierScope {
  tensor(binding: string): Float64Array;
  readonly axes: Readonly<Record<string, number>>;
  readonly line: number;
  sample(n: number): Complex;
  readonly round: Round;
}

/** `fn <slot>(line: u32, n: u32) -> vec2<f32>`: what is transformed as element `n`. */
export type FrontReference = (n: number, scope: FourierScope) => Complex;

/** `fn <slot>(line: u32, k: u32, z: vec2<f32>) -> vec2<f32>`: what is transformed back in place of z, at frequency `k`. */
export type BetweenReference = (k: number, z: Complex, scope: FourierScope) => Complex;

/**
 * `fn <slot>(line: u32, k: u32, z: vec2<f32>) -> vec2<f32>`: what is stored of element `k` of the result, before the scale; a real result
 * is its first number. `fn <slot>_bin(k: u32) -> u32`: where.
 */
export interface BackReference {
  value(k: number, z: Complex, scope: FourierScope): Complex;
  bin(k: number, axes: FourierScope['axes']): number;
}

export const plainFront: Filling<FrontReference> = /* @__PURE__ */ Object.freeze({
  id: 'plain',
  wgsl: (slot: string) => `fn ${slot}(line: u32, n: u32) -> vec2<f32> { return sample(line, n); }`,
  reference: (n: number, { sample }: FourierScope) => sample(n),
});

export const plainBetween: Filling<BetweenReference> = /* @__PURE__ */ Object.freeze({
  id: 'plain',
  wgsl: (slot: string) => `fn ${slot}(line: u32, k: u32, z: vec2<f32>) -> vec2<f32> { return z; }`,
  reference: (_: number, z: Complex) => z,
});

/** Every element in its own place. */
export const ownBin = (slot: string): string => `fn ${slot}_bin(k: u32) -> u32 { return k; }`;

export const plainBack: Filling<BackReference> = /* @__PURE__ */ Object.freeze({
  id: 'plain',
  wgsl: (slot: string) => `${ownBin(slot)}
fn ${slot}(line: u32, k: u32, z: vec2<f32>) -> vec2<f32> { return z; }`,
  reference: { value: (_: number, z: Complex) => z, bin: (k: number) => k },
});

export const fftSlots: Readonly<Record<'front' | 'between' | 'back', SlotContract>> = {
  /** Elements before the transform: windows, twiddles, another order. */
  front: { default: plainFront },
  /** The spectrum between a transform and its inverse: filters, gates, truncation. */
  between: { default: plainBetween },
  /** Elements of the result: twiddles, another order. */
  back: { default: plainBack },
};

/** The product of complex numbers. */
export const times = ([a, b]: Complex, [c, d]: Complex, round: Round): Complex => [
  round(round(a * c) - round(b * d)),
  round(round(a * d) + round(b * c)),
];
