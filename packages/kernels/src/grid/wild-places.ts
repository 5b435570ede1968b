/** For checks: every third place is not finite, or far away. */
export const withWild = (places: Float32Array): Float32Array => {
  const wild = [NaN, Infinity, -Infinity, 3e38, -3e38, 1e10, -5e9, -1e-30];
  return places.map((place, i) => (i % 3 === 0 ? wild[(i / 3) % wild.length]! : place));
};
