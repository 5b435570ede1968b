import { times } from '@tilewright/kernels';
import { crossEntropy as crossEntropyKernel } from '@tilewright/kernels/cross-entropy';
import { printShape } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dtypesOf, rowsOf, staticSize } from '../requests.ts';
import { badNode, sameShape } from '../shapes.ts';

/**
 * loss[r] = -log softmax(logits[r])[targets[r]].
 *
 * `loss[r] = logsumexp(logits[r]) - logits[r, targets[r]]`, in nats.
 */
export const crossEntropy: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'CrossEntropy',
  inputs: [
    { name: 'logits', kind: 'required' },
    { name: 'targets', kind: 'required' },
  ],
  infer: (context) => {
    const { targets, logits } = context.inputs;
    const rows = logits!.shape.slice(0, -1);
    if (!sameShape(context, targets!.shape, rows))
      throw badNode(
        context.subject,
        `'targets' has shape ${printShape(targets!.shape)}`,
        `it must be ${printShape(rows)}, as 'logits' before its last axis`,
      );
    return { loss: { dtype: 'f32', shape: targets!.shape } };
  },
  lower: (node, context) => {
    const rows = rowsOf(context, node.inputs.logits!);
    const vocab = staticSize(context, node.inputs.logits!, -1);
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
