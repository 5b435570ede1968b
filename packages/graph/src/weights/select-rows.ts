import type { HostTensor } from '@tilewright/kernels';
import { layoutSections } from '@tilewright/kernels/layouts';

/** From the first row to before the second. */
export type RowRange = readonly [from: number, to: number];

/** The rows of a matrix in some ranges, one range after the other, in the same layout, bit for bit. */
export function selectRows({ layout, shape, bytes }: HostTensor, ranges: readonly RowRange[]): HostTensor {
  const count = ranges.reduce((sum, [from, to]) => sum + to - from, 0);
  const source = layoutSections(layout, shape);
  const target = layoutSections(layout, [count, ...shape.slice(1)]);
  const selected = new Uint8Array(target.sizeBytes);
  for (const name of ['values', 'positions', 'scales', 'zeroPoints'] as const) {
    const section = source[name];
    if (!section) continue;
    let end = target[name]!.offset;
    for (const [from, to] of ranges) {
      const { offset, rowBytes } = section;
      selected.set(bytes.subarray(offset + from * rowBytes, offset + to * rowBytes), end);
      end += (to - from) * rowBytes;
    }
  }
  return { layout, shape: [count, ...shape.slice(1)], bytes: selected };
}
