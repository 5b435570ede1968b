import { times } from '@tilewright/kernels';
import { logitEmit, sample as sampleKernel } from '@tilewright/kernels/sample';
import type { GraphBuilder } from '../../builder.ts';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dtypesOf, rowsOf, staticSize } from '../requests.ts';

/**
 * ids ~ softmax(logits / temperature), restricted to top-k and top-p.
 *
 * Draws a token per row from logits, and says its logit; temperature, top-k, top-p, seed and counter are numbers of the step.
 */
export const sample: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'Sample',
  inputs: [
    { name: 'logits', kind: 'required' },
    { name: 'temperature', kind: 'required', scalar: 'f32' },
    { name: 'top_k', kind: 'required', scalar: 'u32' },
    { name: 'top_p', kind: 'required', scalar: 'f32' },
    { name: 'seed', kind: 'required', scalar: 'u32' },
    { name: 'counter', kind: 'required', scalar: 'u32' },
  ],
  infer: ({ inputs }) => {
    const shape = inputs.logits!.shape.slice(0, -1);
    return { ids: { dtype: 'u32', shape }, logit: { dtype: 'f32', shape } };
  },
  lower: (node, context) => {
    const rows = rowsOf(context, node.inputs.logits!);
    const vocab = staticSize(context, node.inputs.logits!, -1);
    const { logits, ...numbers } = node.inputs;
    const bindings = { logits: logits!, ids: node.outputs.ids! };
    const { logit } = node.outputs;
    return {
      kernels: [sampleKernel],
      problem: {
        axes: { rows: context.planned(rows), vocab },
        dtypes: dtypesOf(context, bindings),
        slots: { emit: logitEmit },
      },
      bindings: { ...bindings, 'emit.logit': logit! },
      sizes: { rows, ...numbers },
      flops: times(rows, 4 * vocab),
    };
  },
});

/** The numbers of a step that a `Sample` reads, declared under their own names. */
export const samplerNumbers = (
  graph: Pick<GraphBuilder, 'scalar'>,
): Readonly<Record<'temperature' | 'top_k' | 'top_p' | 'seed' | 'counter', string>> => ({
  temperature: graph.scalar('temperature', 'f32'),
  top_k: graph.scalar('top_k', 'u32'),
  top_p: graph.scalar('top_p', 'f32'),
  seed: graph.scalar('seed', 'u32'),
  counter: graph.scalar('counter', 'u32'),
});
