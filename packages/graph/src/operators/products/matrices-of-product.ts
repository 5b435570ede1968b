/** The matrices of a product whose leading axes broadcast. For meanings. */
export function matricesOfProduct(
  a: readonly number[],
  b: readonly number[],
): {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Of each matrix of the result: which of A and which of B it is made of. */
  readonly pairs: readonly (readonly [number, number])[];
} {
  const left = a.length === 1 ? [1, ...a] : a;
  const right = b.length === 1 ? [...b, 1] : b;
  const [aBatches, bBatches] = [left.slice(0, -2), right.slice(0, -2)];
  const rank = Math.max(aBatches.length, bBatches.length);
  const sizeAt = (batches: readonly number[], axis: number): number =>
    batches[axis - rank + batches.length] ?? 1;
  let pairs: (readonly [number, number])[] = [[0, 0]];
  for (let axis = 0; axis < rank; axis++) {
    const [own, other] = [sizeAt(aBatches, axis), sizeAt(bBatches, axis)];
    pairs = pairs.flatMap(([i, j]) =>
      Array.from({ length: Math.max(own, other) }, (_, index): readonly [number, number] => [
        i * own + (own === 1 ? 0 : index),
        j * other + (other === 1 ? 0 : index),
      ]),
    );
  }
  return { m: left.at(-2)!, n: right.at(-1)!, k: left.at(-1)!, pairs };
}
