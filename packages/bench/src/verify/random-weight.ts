import type { HostTensor, Layout } from '@tilewright/kernels';
import {
  type IntegerParts,
  layoutSections,
  packDense,
  packInteger,
  packNM,
} from '@tilewright/kernels/layouts';

/** A weight of any layout with values of about unit size over the square root of the row length. */
export function randomWeight(layout: Layout, shape: readonly number[], normal: () => number): HostTensor {
  const [rows, columns] = shape as [number, number];
  const spread = 1 / Math.sqrt(columns);
  const values = (): Float32Array => Float32Array.from({ length: rows * columns }, () => normal() * spread);
  switch (layout.kind) {
    case 'dense':
      return packDense(values(), shape, layout.dtype as 'f32' | 'f16' | 'bf16');
    case 'integer':
      return packInteger(
        randomCodes(layout.bits, layout.zeroPoint, layout.group, shape, normal),
        shape,
        layout,
      );
    case 'n:m': {
      const { n, m } = layout;
      const kept = keepSome(rows, columns, n, m, normal);
      if (layout.values.kind === 'dense')
        return packNM(
          values().map((value, i) => (kept[i] ? value : 0)),
          shape,
          layout,
        );
      const { bits, zeroPoint, group } = layout.values;
      const parts = randomCodes(bits, zeroPoint, group, shape, normal);
      const groups = layoutSections(layout, shape).groups;
      const zeroOf = (i: number): number =>
        parts.zeroPoints?.[Math.floor(i / columns) * groups + Math.floor((i % columns) / group)] ??
        2 ** (bits - 1);
      return packNM(
        { ...parts, codes: parts.codes.map((code, i) => (kept[i] ? code : zeroOf(i))) },
        shape,
        layout,
      );
    }
  }
}

function randomCodes(
  bits: number,
  zeroPoint: boolean,
  group: number,
  shape: readonly number[],
  normal: () => number,
): IntegerParts {
  const [rows, columns] = shape as [number, number];
  const groups = rows * Math.ceil(columns / group);
  const most = 2 ** bits - 1;
  const middle = 2 ** (bits - 1);
  const code = (): number => Math.min(most, Math.max(0, Math.round(middle + (normal() * middle) / 2)));
  return {
    codes: Uint8Array.from({ length: rows * columns }, code),
    scales: Float32Array.from(
      { length: groups },
      () => (1 + Math.abs(normal())) / (middle * Math.sqrt(columns)),
    ),
    ...(zeroPoint && { zeroPoints: Uint8Array.from({ length: groups }, code) }),
  };
}

/** Marks `n` of each `m` neighbouring columns of every row, at random. */
function keepSome(rows: number, columns: number, n: number, m: number, normal: () => number): Uint8Array {
  const kept = new Uint8Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let start = 0; start < columns; start += m) {
      const size = Math.min(m, columns - start);
      const keys = Array.from({ length: size }, (_, i) => ({ i, key: normal() })).sort(
        (a, b) => a.key - b.key,
      );
      for (const { i } of keys.slice(0, n)) kept[row * columns + start + i] = 1;
    }
  return kept;
}
