import { copy as copyKernel } from '@tilewright/kernels/copy';
import { factorOf, productOf, quotientOf } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { movedTypes } from './moved-types.ts';

/** A view written row-major: what lowering puts in front of a kernel that cannot read one. */
export const copy: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'Copy',
  // y = x, row-major
  inputs: [{ name: 'x', kind: 'required' }],
  infer: ({ inputs }) => ({ y: inputs.x! }),
  lower: (node, context) => {
    const { x } = node.inputs as { readonly x: string };
    const type = context.values[x]!;
    const count = productOf(context.extents, ...type.shape);
    const columns = factorOf(context.extents, count) || 1;
    const rows = quotientOf(context.extents, count, columns)!;
    const bindings = { x, y: node.outputs.y! };
    return {
      kernels: [copyKernel],
      problem: {
        axes: { rows: context.planned(rows), columns },
        dtypes: movedTypes(node.name, bindings, context),
      },
      bindings,
      sizes: { rows },
      flops: 0,
    };
  },
});
