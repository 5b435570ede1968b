// Weights in compressed layouts, packed by the plainest rounding there is: what they decode to is the truth of a test.
import type { HostTensor, Layout, StateDict } from '@tilewright/kernels';
import { type IntegerParts, packDense, packInteger, packNM, unpack } from '@tilewright/kernels/layouts';

/** The same weights with every matrix for which `choose` names a layout stored in it. */
export function packWeights(
  weights: StateDict,
  choose: (name: string) => Layout | undefined,
): Map<string, HostTensor> {
  return new Map(
    [...weights].map(([name, tensor]) => {
      const layout = tensor.shape.length === 2 ? choose(name) : undefined;
      return [name, layout ? packed(tensor, layout) : tensor];
    }),
  );
}

function packed(tensor: HostTensor, layout: Layout): HostTensor {
  const { shape } = tensor;
  const values = unpack(tensor);
  const columns = shape[1]!;
  switch (layout.kind) {
    case 'dense':
      return packDense(values, shape, layout.dtype as 'f32');
    case 'integer':
      return packInteger(codes(values, columns, layout.bits, layout.group, layout.zeroPoint), shape, layout);
    case 'n:m': {
      const kept = values.map((value, i) => ((i % columns) % layout.m < layout.n ? value : 0));
      const { values: inner } = layout;
      return inner.kind === 'dense'
        ? packNM(kept, shape, layout)
        : packNM(codes(kept, columns, inner.bits, inner.group, inner.zeroPoint), shape, layout);
    }
  }
}

function codes(
  values: Float32Array,
  columns: number,
  bits: number,
  group: number,
  zeroPoint: boolean,
): IntegerParts {
  const [zero, groups] = [2 ** (bits - 1), Math.ceil(columns / group)];
  const scales = new Float32Array((values.length / columns) * groups);
  const groupOf = (i: number): number => Math.floor(i / columns) * groups + Math.floor((i % columns) / group);
  values.forEach((value, i) => {
    const at = groupOf(i);
    scales[at] = Math.max(scales[at]!, Math.abs(value) / (zero - 1));
  });
  // Scales are stored as f16: a power of two loses nothing.
  const rounded = scales.map((scale) => 2 ** Math.ceil(Math.log2(scale || 1)));
  const parts = {
    codes: Uint8Array.from(values, (value, i) => Math.round(value / rounded[groupOf(i)]!) + zero),
    scales: rounded,
  };
  return zeroPoint ? { ...parts, zeroPoints: new Uint8Array(scales.length).fill(zero) } : parts;
}
