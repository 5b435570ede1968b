import { times } from '@tilewright/kernels';
import { crossEntropy as crossEntropyKernel } from '@tilewright/kernels/cross-entropy';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dimensionOf, dtypesOf, staticSize } from '../requests.ts';
import { rank, sameSize } from '../shapes.ts';

/** `loss[r] = logsumexp(logits[r]) - logits[r, targets[r]]`, in nats. */
export const crossEntropy: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'CrossEntropy',
  summary: 'loss[r] = -log softmax(logits[r])[targets[r]]',
  inputs: [
    { name: 'logits', kind: 'required' },
    { name: 'targets', kind: 'required' },
  ],
  infer: (context) => {
    const { subject, inputs } = context;
    rank(subject, 'logits', inputs.logits!, 2);
    sameSize(context, 'the number of targets', inputs.targets!.shape[0], inputs.logits!.shape[0]);
    return { loss: { dtype: 'f32', shape: [inputs.logits!.shape[0]!] } };
  },
  lower: (node, context) => {
    const rows = dimensionOf(context, node.inputs.logits!, 0);
    const vocab = staticSize(context, node.inputs.logits!, 1);
    const bindings = {
      logits: node.inputs.logits!,
      targets: node.inputs.targets!,
      loss: node.outputs.loss!,
    };
    return {
      kernels: [crossEntropyKernel],
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
