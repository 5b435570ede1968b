// Complex weights that broadcast to a spectrum, as f64.
type Complex = readonly [re: number, im: number];

/** The weight of the element `at` of a spectrum of this shape, row-major; `stored` is the shape of the weights, its last axis 2. */
export function weightAt(
  weights: Float64Array,
  stored: readonly number[],
  spectrum: readonly number[],
  at: number,
): Complex {
  const missing = spectrum.length + 1 - stored.length;
  let [rest, place, step] = [at, 0, 1];
  for (let axis = spectrum.length - 1; axis >= missing; axis--) {
    const size = stored[axis - missing]!;
    if (size > 1) place += (rest % spectrum[axis]!) * step;
    rest = Math.floor(rest / spectrum[axis]!);
    step *= size;
  }
  return [weights[2 * place]!, weights[2 * place + 1]!];
}

export const multiplied = ([a, b]: Complex, [c, d]: Complex): Complex => [a * c - b * d, a * d + b * c];
