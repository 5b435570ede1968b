import type { Extent } from '@tilewright/kernels';
import type { InferContext, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { oneNumber } from '../shape/known.ts';
import { axisOf, badNode, elementType, floats, inferredContext, numbersOf } from '../shapes.ts';
import { isEmpty } from './axis-lines.ts';
import { checkLength, fourierRequest } from './fourier-request.ts';

/**
 * ONNX `DFT` (opset 20): the discrete Fourier transform along an axis, the last one being that of real (1) or complex (2) numbers. `dft_length`
 * cuts the axis or adds zeros. `onesided` stores the bins of a real line up to half of its length; with `inverse` it takes them, and gives real
 * numbers, of 2 · (bins − 1) elements where `dft_length` does not say. The axis is an input, or the attribute of opset 17. f32 or f16.
 */
export const dft: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'DFT',
  inputs: [
    { name: 'input', kind: 'required' },
    { name: 'dft_length', kind: 'optional', known: true },
    { name: 'axis', kind: 'optional', known: true },
  ],
  attributes: {
    axis: { type: 'integer', default: null },
    inverse: { type: 'integer', default: 0, choices: [0, 1] },
    onesided: { type: 'integer', default: 0, choices: [0, 1] },
  },
  infer: (context) => {
    const { input } = context.inputs;
    const { axis, bins, channels } = sizesOf(context);
    return {
      output: { dtype: input!.dtype, shape: [...input!.shape.with(axis, bins).slice(0, -1), channels] },
    };
  },
  lower: (node, context) => {
    const { input } = node.inputs;
    const { output } = node.outputs;
    if (isEmpty(context, output!)) return undefined;
    const { axis, size, parts, channels } = sizesOf(inferredContext(node, context));
    const inverse = node.attributes.inverse === 1;
    return fourierRequest(
      {
        x: input!,
        y: output!,
        axis,
        size,
        from: parts === 1 ? 'real' : channels === 1 ? 'half' : 'complex',
        to: channels === 1 ? 'real' : 'complex',
        hasParts: true,
        inverse,
        isRound: false,
        scale: inverse ? 1 / size : 1,
      },
      context,
    );
  },
});

interface Sizes {
  readonly axis: number;
  readonly size: number;
  readonly parts: number;
  readonly bins: number;
  readonly channels: number;
}

interface Attributes {
  readonly axis: number | null;
  readonly inverse: number;
  readonly onesided: number;
}

function sizesOf(context: InferContext<Attributes>): Sizes {
  const { subject, inputs, attributes } = context;
  const { inverse, onesided } = attributes;
  const { shape } = inputs.input!;
  elementType(subject, 'input', inputs.input!, floats);
  const [parts] = shape.length < 2 ? [0] : numbersOf(subject, 'input', shape.slice(-1));
  if (parts !== 1 && parts !== 2)
    throw badNode(subject, `the last axis of 'input' is ${parts}`, 'numbers are real (1) or complex (2)');
  if (inputs.axis && attributes.axis !== null)
    throw badNode(subject, 'the axis is an input and an attribute', 'it is one of them');
  const axis = axisOf(subject, oneNumber(context, 'axis') ?? attributes.axis ?? -2, shape.length);
  if (axis === shape.length - 1)
    throw badNode(subject, `the axis is ${axis}`, 'it is not that of the parts of a number, the last one');
  const takesHalf = onesided === 1 && inverse === 1;
  if (onesided === 1 && (parts === 2) !== takesHalf)
    throw badNode(
      subject,
      `it is onesided, of ${parts === 1 ? 'real' : 'complex'} numbers`,
      takesHalf ? 'its inverse takes complex bins' : 'the spectrum of complex numbers has two sides',
    );
  const [stored] = numbersOf(subject, 'input', [shape[axis] as Extent]) as [number];
  const size = oneNumber(context, 'dft_length') ?? (takesHalf ? 2 * (stored - 1) : stored);
  if (!(size > 0)) throw badNode(subject, `it transforms ${size} points`, 'there must be one or more');
  checkLength(subject, size);
  const half = Math.floor(size / 2) + 1;
  if (takesHalf && stored > half)
    throw badNode(subject, `'input' has ${stored} bins`, `of ${size} points half a spectrum has ${half}`);
  return {
    axis,
    size,
    parts,
    bins: onesided === 1 && !takesHalf ? half : size,
    channels: takesHalf ? 1 : 2,
  };
}
