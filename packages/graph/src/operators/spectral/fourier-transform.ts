import {
  type LineDigit,
  lineFilter,
  spectrumFilter,
  type SpectrumFillings,
} from '@tilewright/kernels/fillings';
import type { Extent } from '@tilewright/kernels';
import { isEqual, printShape } from '../../extent/index.ts';
import type { InferContext, Node, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { badNode, elementType, floats, inferredContext, numbersOf } from '../shapes.ts';
import { axisSize, isEmpty } from './axis-lines.ts';
import { checkLength, fourierRequest, type Numbers } from './fourier-request.ts';

export interface FourierAttributes {
  readonly axis: number;
  readonly size: number;
  readonly from: string;
  readonly to: string;
  readonly bins: number;
  readonly inverse: number;
  readonly round: number;
  readonly scale: number;
  readonly result: string;
}

/**
 * A Fourier transform along an axis with a filter: of what other transforms along several axes are made. `x` is real, complex (a last axis of 2), or
 * `half` of the `size` bins of a real line; `y` the first `bins` elements, real or complex, times `scale`. `W`, complex and broadcast against
 * what it multiplies, stands in front of the transform, or with `round` 1 between it and its inverse, where it is of half a
 * spectrum if x is real. The result is f32 or f16.
 */
export const fourierTransform: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'FourierTransform',
  inputs: [
    { name: 'x', kind: 'required' },
    { name: 'W', kind: 'optional' },
  ],
  attributes: {
    axis: { type: 'integer' },
    size: { type: 'integer' },
    from: { type: 'string', choices: ['real', 'complex', 'half'] },
    to: { type: 'string', choices: ['real', 'complex'] },
    bins: { type: 'integer' },
    inverse: { type: 'integer', default: 0, choices: [0, 1] },
    round: { type: 'integer', default: 0, choices: [0, 1] },
    scale: { type: 'number', default: 1 },
    result: { type: 'string', default: 'f32', choices: ['f32', 'f16'] },
  },
  infer: (context) => {
    const { subject, inputs, attributes } = context;
    const { from, to, bins, result } = attributes;
    elementType(subject, 'x', inputs.x!, floats);
    const { shape } = inputs.x!;
    if (from !== 'real' && shape.at(-1) !== 2)
      throw badNode(
        subject,
        `'x' has shape ${printShape(shape)}`,
        'its last axis is that of complex numbers, 2',
      );
    const lines = from === 'real' ? shape : shape.slice(0, -1);
    const [axis] = axisSize({ subject, inputs: { x: { ...inputs.x!, shape: lines } } }, 'x', attributes.axis);
    checkLength(subject, attributes.size);
    if (inputs.W) filterOf(context, lines, axis, attributes);
    return {
      y: {
        dtype: result as 'f32' | 'f16',
        shape: [...lines.with(axis, bins), ...(to === 'complex' ? [2] : [])],
      },
    };
  },
  lower: (node: Node<FourierAttributes>, context) => {
    const { x, W } = node.inputs;
    const { axis, size, from, to, inverse, round, scale } = node.attributes;
    if (isEmpty(context, node.outputs.y!)) return undefined;
    const { shape } = context.values[x!]!;
    const lines = from === 'real' ? shape : shape.slice(0, -1);
    const place = axis < 0 ? axis + lines.length : axis;
    const slot = round === 1 ? 'between' : 'front';
    const filter =
      W === undefined ? undefined : filterOf(inferredContext(node, context), lines, place, node.attributes);
    return fourierRequest(
      {
        x: x!,
        y: node.outputs.y!,
        axis: place,
        size,
        from: from as Numbers,
        to: to as 'real' | 'complex',
        hasParts: false,
        inverse: inverse === 1,
        isRound: round === 1,
        scale,
        ...(filter && {
          slots: { [slot]: filter[slot] },
          bindings: { [`${slot}.weights`]: W! },
        }),
      },
      context,
    );
  },
});

/** What multiplies by W: weights of every line, or those that lines share. Throws `bad-graph` for what is neither. */
function filterOf(
  context: Pick<InferContext, 'subject' | 'inputs' | 'extents'>,
  lines: readonly Extent[],
  axis: number,
  attributes: FourierAttributes,
): SpectrumFillings {
  const { from, round } = attributes;
  const isHalf = from === 'half' || (round === 1 && from === 'real');
  const spectrum = spectrumOf(lines, axis, attributes);
  const { shape } = context.inputs.W!;
  elementType(context.subject, 'W', context.inputs.W!, floats);
  const whole = [...spectrum, 2];
  if (
    shape.length === whole.length &&
    shape.every((size, i) => isEqual(context.extents, size, whole[i]!) === 'yes')
  )
    return lineFilter({
      bins: numbersOf(context.subject, 'the spectrum', [spectrum[axis]!])[0]!,
      isHalf,
    });
  return spectrumFilter({ ...weightDigits(context, spectrum, axis), isHalf });
}

/** The shape of what weights multiply. */
const spectrumOf = (
  lines: readonly Extent[],
  axis: number,
  { size, from, round }: FourierAttributes,
): readonly Extent[] =>
  round === 0 || from === 'complex' ? lines : lines.with(axis, Math.floor(size / 2) + 1);

/** Where the weights of a frequency of a line lie. Throws `bad-graph` for those that do not broadcast to the spectrum. */
export function weightDigits(
  { subject, inputs }: Pick<InferContext, 'subject' | 'inputs'>,
  spectrum: readonly Extent[],
  axis: number,
): {
  readonly count: number;
  readonly outer: readonly LineDigit[];
  readonly inner: readonly LineDigit[];
  readonly stride: number;
} {
  const W = inputs.W!;
  elementType(subject, 'W', W, floats);
  const stored = numbersOf(subject, 'W', W.shape);
  const missing = spectrum.length + 1 - stored.length;
  const sizes = [...Array.from({ length: Math.max(missing, 0) }, () => 1), ...stored.slice(0, -1)];
  const fits = sizes.every((size, i) => size === 1 || size === spectrum[i]);
  if (missing < 0 || stored.at(-1) !== 2 || !fits)
    throw badNode(
      subject,
      `'W' has shape ${printShape(W.shape)}`,
      `it is complex, a last axis of 2, and broadcasts to ${printShape(spectrum)}`,
    );
  const strides = sizes.map((size, i) =>
    size === 1 ? 0 : sizes.slice(i + 1).reduce((product, each) => product * each, 1),
  );
  const digits = (from: number, to: number): LineDigit[] => {
    const list = spectrum
      .slice(from, to)
      .map((size, i) => ({ size, stride: strides[from + i]! }))
      .reverse();
    const used = list.slice(0, list.findLastIndex(({ stride }) => stride > 0) + 1);
    const known = numbersOf(
      subject,
      'the spectrum',
      used.map(({ size }) => size),
    );
    return used.map(({ stride }, i) => ({ size: known[i]!, stride }));
  };
  return {
    count: sizes.reduce((product, each) => product * each, 1),
    outer: digits(0, axis),
    inner: digits(axis + 1, spectrum.length),
    stride: strides[axis]!,
  };
}
