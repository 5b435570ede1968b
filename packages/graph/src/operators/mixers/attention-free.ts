import { times } from '@tilewright/kernels';
import { attentionFree as attentionFreeKernel } from '@tilewright/kernels/attention-free';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dimensionOf, dtypesOf, staticSize } from '../requests.ts';
import { badNode } from '../shapes.ts';
import { packedAs, packedSize } from './packed-heads.ts';

/**
 * The attention free transformer (Zhai et al. 2021, arXiv 2105.14103): `y_t = σ(q_t) ⊙ Σ_s e^{k_s + w_{t,s}} ⊙ v_s / Σ_s e^{k_s + w_{t,s}}`, over
 * all s or, `causal`, `s ≤ t`. `q`, `k`, `v` and `y` are `[batch, tokens, channels]`, `w` `[tokens, tokens]` in f32 or f16; where `window` is
 * above 0, w counts as 0 for tokens that far apart.
 */
export const attentionFree: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'AttentionFree',
  inputs: [
    { name: 'q', kind: 'required' },
    { name: 'k', kind: 'required' },
    { name: 'v', kind: 'required' },
    { name: 'w', kind: 'optional' },
  ],
  attributes: {
    causal: { type: 'integer', default: 0, choices: [0, 1] },
    window: { type: 'integer', default: 0 },
  },
  infer: (context) => {
    const { subject, inputs, attributes } = context;
    const { q } = inputs;
    packedSize(subject, 'q', q!, 1);
    for (const role of ['k', 'v']) packedAs(context, role, q!.shape);
    packedAs(context, 'w', [q!.shape[1]!, q!.shape[1]!]);
    if (attributes.window < 0)
      throw badNode(
        subject,
        `the attribute 'window' is ${attributes.window}`,
        'it must be a number of tokens',
      );
    return { y: q! };
  },
  lower: (node, context) => {
    const { q, k, v, w } = node.inputs;
    const [batch, tokens] = [dimensionOf(context, q!, 0), dimensionOf(context, q!, 1)];
    const channels = staticSize(context, q!, 2);
    const bindings = { q: q!, k: k!, v: v!, ...(w && { w }), y: node.outputs.y! };
    return {
      kernels: [attentionFreeKernel],
      problem: {
        axes: { batch: context.planned(batch), tokens: context.planned(tokens), channels },
        dtypes: dtypesOf(context, bindings),
        options: { causal: node.attributes.causal === 1, bias: w !== undefined },
        scalars: { window: node.attributes.window },
      },
      bindings,
      sizes: { batch, tokens },
      // Without w, a scan or sums.
      flops: times(times(batch, tokens), w ? times(tokens, 6 * channels) : 10 * channels),
    };
  },
});
