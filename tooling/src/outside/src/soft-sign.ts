// An operator with a kernel of its own.
import { defineOperator, type Operator } from '@tilewright/graph';
import { type Extent, times } from '@tilewright/kernels';
import { softSignKernel } from './soft-sign-kernel.ts';

export const softSign: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tidal',
  name: 'SoftSign',
  // Y = X / (1 + |X|)
  inputs: [{ name: 'X', kind: 'required' }],
  infer: ({ inputs }) => ({ Y: inputs.X! }),
  lower: (node, context) => {
    const { shape } = context.values[node.inputs.X!]!;
    const rows = shape.slice(0, -1).reduce<Extent>((product, size) => times(product, size), 1);
    const columns = Number(shape.at(-1));
    return {
      kernels: [softSignKernel],
      problem: { axes: { rows: context.planned(rows), columns } },
      bindings: { x: node.inputs.X!, y: node.outputs.Y! },
      sizes: { rows },
      flops: times(rows, 2 * columns),
    };
  },
});
