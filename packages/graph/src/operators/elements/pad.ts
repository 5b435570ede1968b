import type { Extent } from '@tilewright/kernels';
import { extentAlgebra, printExtent } from '../../extent/index.ts';
import type { InferContext, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { knownAxes, knownElements, knownNumbers } from '../shape/known.ts';
import { badNode, elementType, inferredContext } from '../shapes.ts';
import { addressOf, coordinates, sizesOf } from './address.ts';
import { numbers } from './element-types.ts';
import { computedType, mapRequest } from './map-request.ts';

/**
 * ONNX `Pad` (opset 25) of f32, f16, i32 and u32: places in front of and behind the axes named, of all where none are; fewer where a number is
 * negative. They hold `constant_value` (0), the elements mirrored without the last one (`reflect`), the last one (`edge`), or the elements
 * again from the other end (`wrap`).
 */
export const pad: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Pad',
  // output = data with more places at the ends of its axes
  inputs: [
    { name: 'data', kind: 'required' },
    { name: 'pads', kind: 'required', known: true },
    { name: 'constant_value', kind: 'optional' },
    { name: 'axes', kind: 'optional', known: true },
  ],
  attributes: {
    mode: { type: 'string', default: 'constant', choices: ['constant', 'reflect', 'edge', 'wrap'] },
  },
  infer: (context) => {
    const { subject, inputs, extents } = context;
    const { data, constant_value: value } = inputs;
    elementType(subject, 'data', data!, numbers);
    if (value && !context.contents.constant_value)
      elementType(subject, 'constant_value', value, [data!.dtype]);
    if (value && value.shape.some((size) => size !== 1))
      throw badNode(subject, "'constant_value' has several elements", 'one stands everywhere');
    const { sum } = extentAlgebra(extents.symbols);
    const ends = endsOf(context);
    const shape = data!.shape.map((size, axis) => {
      const padded = sum(size, ...ends[axis]!);
      if (typeof padded === 'number' && padded < 0)
        throw badNode(subject, `axis ${axis} of ${printExtent(size)} loses more`, 'nothing is left then');
      return padded;
    });
    return { output: { dtype: data!.dtype, shape } };
  },
  lower: (node, context) => {
    const { data, constant_value: value } = node.inputs as {
      readonly data: string;
      readonly constant_value?: string;
    };
    const { shape, dtype } = context.values[data]!;
    const mode = node.attributes.mode as keyof typeof placed;
    const type = computedType(dtype);
    const given = inferredContext(node, context);
    const known = Object.entries(node.inputs).flatMap(([role, name]) =>
      context.contents[name] ? [[role, context.contents[name]] as const] : [],
    );
    const ends = endsOf({ ...given, contents: Object.fromEntries(known) });
    const padded = shape.map((_, axis) => ends[axis]!.some((places) => places !== 0));
    const lines = shape.map((_, axis) =>
      padded[axis]
        ? `let p${axis} = i32(i${axis}) - b${axis}; let j${axis} = ${placed[mode](`p${axis}`, `i32(n${axis})`)};`
        : `let j${axis} = i${axis};`,
    );
    const inside = shape.flatMap((_, axis) =>
      padded[axis] && mode === 'constant' ? [`(u32(p${axis}) < n${axis})`] : [],
    );
    return mapRequest(
      node,
      'output',
      {
        id: `${mode} ${type} ${padded.join()}`,
        operands: {
          data: { whole: data },
          ...coordinates(shape.length),
          ...sizesOf(shape),
          ...Object.fromEntries(
            ends.map(([before], axis) => [`b${axis}`, { number: before, type: 'i32' as const }]),
          ),
          fill: value === undefined ? { number: 0, type } : { value, type },
        },
        wgsl: (load) => `${lines.join('\n  ')}
  return select(fill, ${load('data')}(${addressOf(shape.map((_, axis) => `j${axis}`))}), ${inside.join(' & ') || 'true'});`,
      },
      context,
    );
  },
});

/** The place along an axis of `n` that stands at `p`, which may lie beyond it. */
const placed = {
  constant: (p: string, n: string) => `u32(clamp(${p}, 0, ${n} - 1))`,
  edge: (p: string, n: string) => `u32(clamp(${p}, 0, ${n} - 1))`,
  reflect: (p: string, n: string) =>
    `u32(min(abs(${p}) % max(2 * ${n} - 2, 1), max(2 * ${n} - 2, 1) - abs(${p}) % max(2 * ${n} - 2, 1)))`,
  wrap: (p: string, n: string) => `u32((${p} % ${n} + ${n}) % ${n})`,
} as const;

/** Places in front of and behind each axis. */
function endsOf(
  context: Pick<InferContext<unknown>, 'subject' | 'inputs' | 'contents'>,
): readonly (readonly [before: Extent, behind: Extent])[] {
  const rank = context.inputs.data!.shape.length;
  const named = knownNumbers(context, 'axes');
  const axes = named ? knownAxes(context, named, rank) : Array.from({ length: rank }, (_, axis) => axis);
  const pads = knownElements(context, 'pads')!;
  if (pads.length !== 2 * axes.length)
    throw badNode(
      context.subject,
      `it has ${pads.length} pads`,
      `there must be two for each of ${axes.length} axes`,
    );
  return Array.from({ length: rank }, (_, axis) => {
    const place = axes.indexOf(axis);
    return place < 0 ? [0, 0] : [pads[place]!, pads[place + axes.length]!];
  });
}
