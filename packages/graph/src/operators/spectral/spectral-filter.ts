import { fftForm } from '@tilewright/kernels/fft';
import type { Attribute, InferContext, Node, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { axisOf, badNode, elementType, floats, numbersOf } from '../shapes.ts';
import { fourierTransform, weightDigits } from './fourier-transform.ts';

interface Attributes {
  readonly axes: readonly number[];
}

/**
 * `y = irfft(rfft(x, axes) ⊙ W)`: a filter in the spectrum, real along the last of the axes listed and complex along the others (GFNet; Rao et al.
 * 2021, arXiv 2107.00645). `x` and `y` of any rank in f32 or f16; `W` complex, a last axis of 2, broadcast against the spectrum, which has n/2 + 1 bins
 * along the real axis. x's own lengths are restored; the imaginary part of the real axis's bins 0 and n/2 is ignored at the end. One dispatch
 * where one axis is filtered whose length has no prime above 7; one there and one back for each other axis.
 */
export const spectralFilter: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'SpectralFilter',
  inputs: [
    { name: 'x', kind: 'required' },
    { name: 'W', kind: 'required' },
  ],
  attributes: { axes: { type: 'integers' } },
  infer: (context) => {
    const { x } = context.inputs;
    elementType(context.subject, 'x', x!, floats);
    const { axes, sizes } = axesOf(context);
    const real = axes.at(-1)!;
    weightDigits(context, x!.shape.with(real, Math.floor(sizes.at(-1)! / 2) + 1), axes[0]!);
    return { y: x! };
  },
  expand: (node, { values }) => {
    const types = { x: values[node.inputs.x!]!, W: values[node.inputs.W!]! };
    const { axes, sizes } = axesOf({
      subject: node.name,
      inputs: types,
      attributes: node.attributes as Attributes,
    });
    const [real, length] = [axes.at(-1)!, sizes.at(-1)!];
    const bins = Math.floor(length / 2) + 1;
    const others = axes.slice(0, -1).map((axis, i) => ({ axis, size: sizes[i]! }));
    const nodes: Node[] = [];
    const put = (x: string, attributes: Readonly<Record<string, Attribute>>, W?: string): string => {
      const name = `${node.name}.${nodes.length}`;
      nodes.push({
        name,
        operator: fourierTransform,
        inputs: { x, ...(W !== undefined && { W }) },
        outputs: { y: `${name}.y` },
        attributes,
      });
      return `${name}.y`;
    };
    const whole = ({ axis, size }: { readonly axis: number; readonly size: number }) => ({
      axis,
      size,
      bins: size,
      from: 'complex',
      to: 'complex',
    });
    const there = { axis: real, size: length, from: 'real', to: 'complex', bins };
    const back = {
      axis: real,
      size: length,
      from: 'half',
      to: 'real',
      bins: length,
      inverse: 1,
      scale: 1 / length,
      result: types.x.dtype,
    };
    const last = others.at(-1) ?? { axis: real, size: length };
    // The filter stands between a transform and its inverse, or in front of the inverse where a prime keeps them apart.
    const isRound = fftForm(last.size).chirp === undefined;
    let value = node.inputs.x!;
    if (others.length === 0 && isRound)
      put(value, { ...back, from: 'real', inverse: 0, round: 1 }, node.inputs.W);
    else {
      value = put(value, there);
      const inside = isRound ? others.slice(0, -1) : others;
      for (const each of inside) value = put(value, whole(each));
      if (isRound) value = put(value, { ...whole(last), round: 1, scale: 1 / last.size }, node.inputs.W);
      let W = isRound ? undefined : node.inputs.W;
      for (const each of inside.toReversed()) {
        value = put(value, { ...whole(each), inverse: 1, scale: 1 / each.size }, W);
        W = undefined;
      }
      put(value, back, W);
    }
    return nodes.map((each, i) =>
      i === nodes.length - 1 ? { ...each, outputs: { y: node.outputs.y! } } : each,
    );
  },
});

/** The axes, counted from the front, and their sizes. Throws `bad-graph`. */
function axesOf({
  subject,
  inputs,
  attributes,
}: Pick<InferContext<Attributes>, 'subject' | 'inputs' | 'attributes'>): {
  readonly axes: readonly number[];
  readonly sizes: readonly number[];
} {
  const { shape } = inputs.x!;
  const axes = attributes.axes.map((axis) => axisOf(subject, axis, shape.length));
  if (axes.length === 0 || new Set(axes).size < axes.length)
    throw badNode(
      subject,
      `its axes are ${attributes.axes.join(', ') || 'none'}`,
      'each is named once, one or more',
    );
  const sizes = numbersOf(
    subject,
    'x',
    axes.map((axis) => shape[axis]!),
  );
  return { axes, sizes };
}
