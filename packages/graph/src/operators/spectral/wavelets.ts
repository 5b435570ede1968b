// Filters of Daubechies' wavelets (1988), computed: `haar` and `db2` to `db8`.

export const waveletNames: readonly string[] = ['haar', 'db2', 'db3', 'db4', 'db5', 'db6', 'db7', 'db8'];

type Complex = readonly [re: number, im: number];

const times = ([a, b]: Complex, [c, d]: Complex): Complex => [a * c - b * d, a * d + b * c];
const minus = ([a, b]: Complex, [c, d]: Complex): Complex => [a - c, b - d];
const over = (z: Complex, [c, d]: Complex): Complex => {
  const [re, im] = times(z, [c, -d]);
  return [re / (c * c + d * d), im / (c * c + d * d)];
};
const rootOf = ([re, im]: Complex): Complex => {
  const size = Math.hypot(re, im);
  return [Math.sqrt((size + re) / 2), Math.sign(im || 1) * Math.sqrt((size - re) / 2)];
};

/** The roots of a polynomial with these coefficients, highest power first and 1, all at once (Durand and Kerner). */
function rootsOf(coefficients: readonly number[]): Complex[] {
  const at = (z: Complex): Complex =>
    coefficients.reduce<Complex>((sum, each) => minus(times(sum, z), [-each, 0]), [0, 0]);
  let roots = coefficients
    .slice(1)
    .map((_, i): Complex => [Math.cos(0.4 + 2.1 * i), Math.sin(0.4 + 2.1 * i)]);
  for (let round = 0; round < 200; round++)
    roots = roots.map((root, i) => {
      const others = roots.filter((_, j) => j !== i);
      return minus(
        root,
        over(
          at(root),
          others.reduce<Complex>((product, other) => times(product, minus(root, other)), [1, 0]),
        ),
      );
    });
  return roots;
}

/** The synthesis low-pass filter of a wavelet of 2N taps: `(z + 1)^N Π (z − z_i)`, its coefficients scaled to the sum √2. */
function synthesis(N: number): readonly number[] {
  // Σ_{k<N} binom(N − 1 + k, k) y^k, from its highest power.
  const rising = [1];
  for (let k = 1; k < N; k++) rising.push((rising[k - 1]! * (N - 1 + k)) / k);
  const highest = rising.toReversed().map((each) => each / rising.at(-1)!);
  const inside = rootsOf(highest).map((y): Complex => {
    // Of z + 1/z = 2 − 4y the root within the unit circle.
    const half: Complex = [1 - 2 * y[0], -2 * y[1]];
    const root = rootOf(minus(times(half, half), [1, 0]));
    const [one, other] = [minus(half, root), minus(half, [-root[0], -root[1]])];
    return Math.hypot(...one) < 1 ? one : other;
  });
  const zeros: readonly Complex[] = [...Array.from({ length: N }, (): Complex => [-1, 0]), ...inside];
  const product = zeros.reduce<readonly Complex[]>(
    (polynomial, zero) =>
      [...polynomial, [0, 0] as Complex].map((each, i) =>
        i === 0 ? each : minus(each, times(zero, polynomial[i - 1]!)),
      ),
    [[1, 0]],
  );
  const sum = product.reduce((total, [re]) => total + re, 0);
  return product.map(([re]) => (Math.SQRT2 * re) / sum);
}

export interface WaveletFilters {
  readonly lowpass: readonly number[];
  readonly highpass: readonly number[];
}

/** Filters of a wavelet by name: those that take apart, or those that put together. */
export function waveletFilters(name: string, part: 'analysis' | 'synthesis'): WaveletFilters {
  const h = synthesis(waveletNames.indexOf(name) + 1);
  const alternating = (flip: boolean): number[] => h.map((_, j) => ((j % 2 === 0) === flip ? -1 : 1));
  return part === 'analysis'
    ? { lowpass: h.toReversed(), highpass: alternating(true).map((sign, j) => sign * h[j]!) }
    : { lowpass: h, highpass: alternating(false).map((sign, j) => sign * h[h.length - 1 - j]!) };
}
