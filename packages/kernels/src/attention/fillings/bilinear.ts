import { checkOptions, positiveInteger } from '../../contract/check-options.ts';
/**
 * Folds a bilinear form per head into the query projection: scores `q G kᵀ` are those of queries projected with
 * `Gᵀ W` (the Power Law Graph Transformer's G, once learned; Gokden 2021, arXiv 2107.02039). `weight` is `[heads · head_size,
 * hidden]`, `forms` `[heads, head_size, head_size]`; sums are in f64.
 */
export function foldBilinear(
  weight: ArrayLike<number>,
  forms: ArrayLike<number>,
  options: { readonly heads: number; readonly headSize: number },
): Float32Array<ArrayBuffer> {
  checkOptions('foldBilinear', options, { heads: positiveInteger, headSize: positiveInteger });
  const { heads, headSize } = options;
  const hidden = weight.length / (heads * headSize);
  return Float32Array.from({ length: weight.length }, (_, i) => {
    const [row, column] = [Math.floor(i / hidden), i % hidden];
    const [head, to] = [Math.floor(row / headSize), row % headSize];
    let sum = 0;
    for (let from = 0; from < headSize; from++)
      sum +=
        forms[(head * headSize + from) * headSize + to]! *
        weight[(head * headSize + from) * hidden + column]!;
    return sum;
  });
}
