/**
 * Philox 4×32 with 10 rounds (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): four random words
 * from a key and a counter, the same in TypeScript and in `philox.wgsl`, so that a sample can be reproduced on either.
 */
export function philox4x32(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  let [a, b, c, d] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const low0 = Math.imul(0xd251_1f53, a) >>> 0;
    const high0 = multiplyHigh(0xd251_1f53, a);
    const low1 = Math.imul(0xcd9e_8d57, c) >>> 0;
    const high1 = multiplyHigh(0xcd9e_8d57, c);
    [a, b, c, d] = [(high1 ^ b ^ k0) >>> 0, low1, (high0 ^ d ^ k1) >>> 0, low0];
    k0 = (k0 + 0x9e37_79b9) >>> 0;
    k1 = (k1 + 0xbb67_ae85) >>> 0;
  }
  return [a, b, c, d];
}

/** A number in [0, 1) from 24 of a word's bits, exact in f32. */
export const unitFromWord = (word: number): number => (word >>> 8) * 2 ** -24;

/** A stream of numbers in [0, 1): call after call, the same for the same seed. */
export function randomStream(seed: number): () => number {
  let index = 0;
  let block: readonly number[] = [];
  return () => {
    const within = index % 4;
    if (within === 0) block = philox4x32([index / 4, 0, 0, 0], [seed >>> 0, 0]);
    index++;
    return unitFromWord(block[within]!);
  };
}

/** A stream of normally distributed numbers (Box and Muller 1958). */
export function normalStream(seed: number): () => number {
  const uniform = randomStream(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** `count` of them as f32, times `scale`: the same ones for the same seed. */
export function normalNumbers(count: number, seed: number, scale = 1): Float32Array<ArrayBuffer> {
  const normal = normalStream(seed);
  return Float32Array.from({ length: count }, () => normal() * scale);
}

function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (middle % 0x1_0000) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 0x1_0000) + Math.floor(carry / 0x1_0000)) >>> 0;
}
