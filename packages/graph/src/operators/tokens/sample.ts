import { times } from '@tilewright/kernels';
import { sample as sampleKernel } from '@tilewright/kernels/sample';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dimensionOf, dtypesOf, staticSize } from '../requests.ts';
import { rank } from '../shapes.ts';

/** Draws a token per row from logits; temperature, top-k, top-p, seed and counter are values of the step. */
export const sample: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'Sample',
  summary: 'ids[r] ~ softmax(logits[r] / temperature), restricted to top-k and top-p',
  inputs: [{ name: 'logits', kind: 'required' }],
  infer: ({ subject, inputs }) => {
    rank(subject, 'logits', inputs.logits!, 2);
    return { ids: { dtype: 'u32', shape: [inputs.logits!.shape[0]!] } };
  },
  lower: (node, context) => {
    const rows = dimensionOf(context, node.inputs.logits!, 0);
    const vocab = staticSize(context, node.inputs.logits!, 1);
    const bindings = { logits: node.inputs.logits!, ids: node.outputs.ids! };
    return {
      kernels: [sampleKernel],
      problem: {
        axes: { rows: context.planned(rows), vocab },
        dtypes: dtypesOf(context, bindings),
      },
      bindings,
      sizes: { rows },
      flops: times(rows, 4 * vocab),
    };
  },
});
