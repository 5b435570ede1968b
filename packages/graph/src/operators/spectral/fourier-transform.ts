import {
  cutFront,
  impulseFront,
  type LineDigit,
  lineFilter,
  shiftBack,
  spectrumFilter,
  type SpectrumFillings,
} from '@tilewright/kernels/fillings';
import type { Extent } from '@tilewright/kernels';
import { isEqual, printShape, productOf } from '../../extent/index.ts';
import type { InferContext, Node, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { badNode, elementType, floats, inferredContext, numbersOf, sameSize } from '../shapes.ts';
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
  readonly first: number;
  readonly place: number;
  readonly taken: number | null;
  readonly result: string;
}

/**
 * A Fourier transform along an axis with a filter: of what other transforms along several axes are made. `x` is real, complex (a last axis of 2), or
 * `half` of the `size` bins of a real line; `y` `bins` elements from `first` on, real or complex, times `scale`. `W`, complex and broadcast against
 * what it multiplies, stands in front of the transform, or with `round` 1 between it and its inverse, where it is of half a
 * spectrum if x is real. `impulse`, a number for each line of the inner axes, is added to the element `place` of the first outer lines; with
 * `taken` the elements from there on are 0. The result is f32 or f16.
 */
export const fourierTransform: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'FourierTransform',
  inputs: [
    { name: 'x', kind: 'required' },
    { name: 'W', kind: 'optional' },
    { name: 'impulse', kind: 'optional' },
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
    first: { type: 'integer', default: 0 },
    place: { type: 'integer', default: 0 },
    taken: { type: 'integer', default: null },
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
    if (inputs.impulse) {
      const inner = productOf(context.extents, ...lines.slice(axis + 1));
      elementType(subject, 'impulse', inputs.impulse, floats);
      sameSize(context, "the size of 'impulse'", productOf(context.extents, ...inputs.impulse.shape), inner);
    }
    const fronts = [
      ...(inputs.W && attributes.round === 0 ? ["'W'"] : []),
      ...(inputs.impulse ? ["'impulse'"] : []),
      ...(attributes.taken === null ? [] : ["'taken'"]),
    ];
    if (fronts.length > 1)
      throw badNode(
        subject,
        `it has ${fronts.join(' and ')} in front of a transform`,
        'there is room for one of them',
      );
    if (inputs.W) filterOf(context, lines, axis, attributes);
    return {
      y: {
        dtype: result as 'f32' | 'f16',
        shape: [...lines.with(axis, bins), ...(to === 'complex' ? [2] : [])],
      },
    };
  },
  lower: (node: Node<FourierAttributes>, context) => {
    const { x, W, impulse } = node.inputs;
    const { axis, size, from, to, inverse, round, scale, first, taken } = node.attributes;
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
        slots: {
          ...(filter && { [slot]: filter[slot] }),
          ...(impulse && { front: impulseFront(node.attributes.place) }),
          ...(taken !== null && { front: cutFront(taken) }),
          ...(first > 0 && { back: shiftBack(first) }),
        },
        bindings: {
          ...(filter && { [`${slot}.weights`]: W! }),
          ...(impulse && { 'front.impulse': impulse }),
        },
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

/** The shape of what weights multiply: what is read, or the whole spectrum of it. */
const spectrumOf = (
  lines: readonly Extent[],
  axis: number,
  { size, from, round }: FourierAttributes,
): readonly Extent[] =>
  round === 0 ? lines : lines.with(axis, from === 'real' ? Math.floor(size / 2) + 1 : size);

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
