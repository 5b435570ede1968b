import { times } from '@tilewright/kernels';
import { logitEmit, sample as sampleKernel } from '@tilewright/kernels/sample';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dimensionOf, dtypesOf, staticSize } from '../requests.ts';
import { rank } from '../shapes.ts';

/** Draws a token per row from logits, and says its logit; temperature, top-k, top-p, seed and counter are values of the step. */
export const sample: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'Sample',
  summary: 'ids[r] ~ softmax(logits[r] / temperature), restricted to top-k and top-p',
  inputs: [{ name: 'logits', kind: 'required' }],
  infer: ({ subject, inputs }) => {
    rank(subject, 'logits', inputs.logits!, 2);
    const shape = [inputs.logits!.shape[0]!];
    return { ids: { dtype: 'u32', shape }, logit: { dtype: 'f32', shape } };
  },
  lower: (node, context) => {
    const rows = dimensionOf(context, node.inputs.logits!, 0);
    const vocab = staticSize(context, node.inputs.logits!, 1);
    const bindings = { logits: node.inputs.logits!, ids: node.outputs.ids! };
    const { logit } = node.outputs;
    return {
      kernels: [sampleKernel],
      problem: {
        axes: { rows: context.planned(rows), vocab },
        dtypes: dtypesOf(context, bindings),
        slots: { emit: logitEmit },
      },
      bindings: { ...bindings, 'emit.logit': logit! },
      sizes: { rows },
      flops: times(rows, 4 * vocab),
    };
  },
});
