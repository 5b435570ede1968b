import { fftForm } from '@tilewright/kernels/fft';
import { printShape } from '../../extent/index.ts';
import type { Attribute, Node, Operator } from '../../ir.ts';
import { softmax } from '../normalization/softmax.ts';
import { defineOperator } from '../operator.ts';
import { reduceAxes } from '../reductions/reduce-axes.ts';
import { badNode, elementType, floats, numbersOf, rank, sameShape } from '../shapes.ts';
import { checkLength } from '../spectral/fourier-request.ts';
import { fourierTransform } from '../spectral/fourier-transform.ts';
import { topK } from '../tokens/top-k.ts';
import { delayedSum } from './delayed-sum.ts';

/**
 * Autoformer's auto-correlation (Wu et al. 2021, arXiv 2106.13008): `R_τ` is the mean over heads and channels of the circular correlation `Σ_t
 * q_t k_{(t−τ) mod T}`; the `top` largest, with softmax of their R for weights, say how `y_t = Σ_i weight_i v_{(t + τ_i) mod T}` adds up.
 *
 * `q`, `k`, `v` and `y` are `[batch, T, channels]` in f32 or f16, `delays` u32 `[batch, top]`, the largest R first, the smaller τ first among
 * equals. T and the channels are numbers. Correlations are one transform of k, and one of q there and back with that in between.
 */
export const autoCorrelation: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'AutoCorrelation',
  inputs: [
    { name: 'q', kind: 'required' },
    { name: 'k', kind: 'required' },
    { name: 'v', kind: 'required' },
  ],
  attributes: { top: { type: 'integer' } },
  infer: (context) => {
    const { subject, inputs, attributes } = context;
    for (const [role, type] of Object.entries(inputs)) {
      elementType(subject, role, type, floats);
      rank(subject, role, type, 3);
      if (!sameShape(context, type.shape, inputs.q!.shape))
        throw badNode(
          subject,
          `'${role}' has shape ${printShape(type.shape)}`,
          `it must be ${printShape(inputs.q!.shape)}, that of 'q'`,
        );
    }
    const { shape } = inputs.q!;
    const [tokens] = numbersOf(subject, 'q', shape.slice(1)) as [number, number];
    if (!(attributes.top >= 1 && attributes.top <= tokens))
      throw badNode(
        subject,
        `the attribute 'top' is ${attributes.top}`,
        `of ${tokens} delays it must be an integer from 1 to ${tokens}`,
      );
    checkLength(subject, tokens);
    return {
      y: inputs.v!,
      delays: { dtype: 'u32', shape: [shape[0]!, attributes.top] },
    };
  },
  expand: ({ name, inputs, outputs, attributes }, { values }) => {
    const tokens = values[inputs.q!]!.shape[1] as number;
    const nodes: Node[] = [];
    const put = (
      operator: Operator,
      from: Readonly<Record<string, string>>,
      into: Readonly<Record<string, string>>,
      more: Readonly<Record<string, Attribute>>,
    ): void => {
      const [part] = Object.values(into) as [string];
      nodes.push({
        name: part,
        operator,
        inputs: from,
        outputs: into,
        attributes: more,
      });
    };
    const own = (part: string): string => `${name}.${part}`;
    const half = Math.floor(tokens / 2) + 1;
    const spectrum = {
      axis: 1,
      size: tokens,
      from: 'real',
      to: 'complex',
      bins: half,
    };
    const back = {
      axis: 1,
      size: tokens,
      to: 'real',
      bins: tokens,
      scale: 1 / tokens,
    };
    // k is real: its spectrum with the other sign is the conjugate of its own.
    put(fourierTransform, { x: inputs.k! }, { y: own('keys') }, { ...spectrum, inverse: 1 });
    const W = own('keys');
    // A prime keeps a transform and its inverse apart.
    if (fftForm(tokens).chirp) {
      put(fourierTransform, { x: inputs.q! }, { y: own('queries') }, spectrum);
      put(
        fourierTransform,
        { x: own('queries'), W },
        { y: own('correlations') },
        { ...back, from: 'half', inverse: 1 },
      );
    } else
      put(
        fourierTransform,
        { x: inputs.q!, W },
        { y: own('correlations') },
        { ...back, from: 'real', round: 1 },
      );
    put(
      reduceAxes,
      { data: own('correlations') },
      { reduced: own('means') },
      { operation: 'mean', from: 2, to: 3, dropped: [2] },
    );
    const delays = outputs.delays ?? own('delays');
    put(topK, { X: own('means') }, { Values: own('largest'), Indices: delays }, { k: attributes.top });
    put(softmax, { input: own('largest') }, { output: own('weights') }, {});
    if (outputs.y !== undefined)
      put(delayedSum, { x: inputs.v!, weights: own('weights'), delays }, { y: outputs.y }, {});
    return nodes;
  },
});
