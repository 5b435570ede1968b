// ONNX's reductions: along any axes, as reductions along neighbouring ones, one after the other.
import type { Extent } from '@tilewright/kernels';
import type { Attribute, ElementType, InferContext, Node, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { elementType } from '../shapes.ts';
import { identity } from '../shape/identity.ts';
import { knownAxes, knownNumbers } from '../shape/known.ts';
import { reduceAxes } from './reduce-axes.ts';

type Operation = 'sum' | 'mean' | 'max' | 'min' | 'sum-of-squares' | 'product';

interface ReductionAttributes {
  readonly keepdims: number;
  readonly noop_with_empty_axes: number;
}

interface Step {
  readonly operator: Operator;
  readonly output: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** Makes a reduction of ONNX's. Call sites carry a pure annotation. */
export const defineReduction = ({
  name,
  operation,
  again = operation,
  takes = ['f32'],
  before,
  after,
}: {
  readonly name: string;
  readonly operation: Operation;
  /** What joins the results of one block of axes along the next. */
  readonly again?: Operation;
  /** Element types that it takes; default f32. */
  readonly takes?: readonly ElementType[];
  /** Operators of one input, with their output, that are applied to each element first, and to the result. */
  readonly before?: Step;
  readonly after?: Step;
}): Operator =>
  defineOperator({
    domain: '',
    name,
    inputs: [
      { name: 'data', kind: 'required' },
      { name: 'axes', kind: 'optional', known: true },
    ],
    attributes: {
      keepdims: { type: 'integer', default: 1, choices: [0, 1] },
      noop_with_empty_axes: { type: 'integer', default: 0, choices: [0, 1] },
    },
    infer: (context) => {
      const { subject, inputs, attributes } = context;
      elementType(subject, 'data', inputs.data!, takes);
      const { shape, dtype } = inputs.data!;
      const axes = reducedAxes(context, shape, knownNumbers(context, 'axes'));
      const kept = shape.flatMap((size, axis): Extent[] =>
        axes.includes(axis) ? (attributes.keepdims === 1 ? [1] : []) : [size],
      );
      return { reduced: { dtype, shape: kept } };
    },
    expand: (node, { values, contents }) => {
      const { shape } = values[node.inputs.data!]!;
      const known = node.inputs.axes === undefined ? undefined : contents[node.inputs.axes];
      const context = { subject: node.name, attributes: node.attributes };
      const axes = reducedAxes(context, shape, known as readonly number[] | undefined);
      const dropped = node.attributes.keepdims === 1 ? [] : axes;
      const steps: Step[] = blocksOf(axes)
        .toReversed()
        .map(([from, to], i, all) => ({
          operator: reduceAxes,
          output: 'reduced',
          attributes: {
            operation: i === 0 ? operation : again,
            from,
            to,
            dropped: i === all.length - 1 ? dropped : [],
          },
        }));
      if (before) steps.unshift(before);
      if (after) steps.push(after);
      if (steps.length === 0) steps.push({ operator: identity, output: 'output' });
      return chained(node, steps);
    },
  });

/** Operators of one input, one behind the other, in the place of a node. */
function chained(
  { name, inputs, outputs }: Pick<Node, 'name' | 'inputs' | 'outputs'>,
  steps: readonly Step[],
): readonly Node[] {
  let value = inputs.data!;
  return steps.map(({ operator, output, attributes = {} }, i) => {
    const isLast = i === steps.length - 1;
    const [result, part] = isLast ? [outputs.reduced!, name] : [`${name}.${i}`, `${name}.${i}`];
    const [input] = operator.inputs;
    const node = {
      name: part,
      operator,
      inputs: { [input!.name]: value },
      outputs: { [output]: result },
      attributes,
    };
    value = result;
    return node;
  });
}

/** The axes, each once and in their order; none given are all, unless `noop_with_empty_axes` says otherwise. */
function reducedAxes(
  { subject, attributes }: Pick<InferContext<ReductionAttributes>, 'subject' | 'attributes'>,
  shape: readonly Extent[],
  named: readonly number[] | undefined,
): readonly number[] {
  if (named && named.length > 0)
    return knownAxes({ subject, inputs: {}, contents: {} }, named, shape.length).toSorted((a, b) => a - b);
  return attributes.noop_with_empty_axes === 1 ? [] : [...shape.keys()];
}

/** Runs of neighbours. */
function blocksOf(axes: readonly number[]): readonly (readonly [from: number, to: number])[] {
  const blocks: [number, number][] = [];
  for (const axis of axes) {
    const last = blocks.at(-1);
    if (last?.[1] === axis) last[1] = axis + 1;
    else blocks.push([axis, axis + 1]);
  }
  return blocks;
}
