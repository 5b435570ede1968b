// What norms share: the axes from `axis` on are a row, and gains broadcast to it.
import { type Extent, type Kernel, times } from '@tilewright/kernels';
import { isRead } from '../../graph-index.ts';
import type { InferContext, KernelRequest, LoweringContext, Node, Operator, ValueType } from '../../ir.ts';
import { printShape, productOf } from '../../extent/index.ts';
import { dtypesOf, plannedCount } from '../requests.ts';
import { axisOf, badNode, broadcast, elementType, floats, sameShape, staticCount } from '../shapes.ts';

interface NormAttributes {
  readonly axis: number;
  readonly epsilon: number;
  readonly stash_type: number;
}

/** What norms have in common but for their names: see ONNX `LayerNormalization` and `RMSNormalization`. */
export const normAttributes = {
  axis: { type: 'integer', default: -1 },
  epsilon: { type: 'number', default: 1e-5, least: 0 },
  // Statistics are f32 whatever x is.
  stash_type: { type: 'integer', default: 1, choices: [1] },
} as const;

/** The types of a norm's result and of its statistics. Throws `bad-graph` for gains that do not broadcast. */
export function normTypes(
  context: InferContext<NormAttributes>,
  gains: readonly string[],
): { readonly x: ValueType; readonly statistics: ValueType } {
  const { subject, inputs, attributes } = context;
  const x = inputs.X!;
  elementType(subject, 'X', x, floats);
  const first = axisOf(subject, attributes.axis, x.shape.length);
  for (const role of gains) {
    const type = inputs[role];
    if (!type) continue;
    elementType(subject, role, type, floats);
    if (!sameShape(context, broadcast(context, { X: x.shape, [role]: type.shape }), x.shape))
      throw badNode(
        subject,
        `'${role}' has shape ${printShape(type.shape)}`,
        `it must broadcast to ${printShape(x.shape)}`,
      );
  }
  const shape = x.shape.map((size, i) => (i < first ? size : 1));
  return { x, statistics: { dtype: 'f32', shape } };
}

/** Rows and their length: the axes before `axis`, and those from it on. */
function rowsOf(
  subject: string,
  { axis }: NormAttributes,
  shape: readonly Extent[],
): { readonly rows: readonly Extent[]; readonly hidden: readonly Extent[] } {
  const first = axisOf(subject, axis, shape.length);
  return { rows: shape.slice(0, first), hidden: shape.slice(first) };
}

/** A norm as a request to a kernel of rows. `gain` and `bias` are the roles of what the result is multiplied by and added to. */
export function normRequest(
  node: Node<NormAttributes>,
  context: LoweringContext,
  kernel: Kernel,
  { gain, bias }: { readonly gain: string; readonly bias?: string },
): KernelRequest {
  const { rows: leading, hidden } = rowsOf(node.name, node.attributes, context.values[node.inputs.X!]!.shape);
  const { Y, Mean, InvStdDev } = node.outputs;
  const weight = node.inputs[gain];
  const added = bias === undefined ? undefined : node.inputs[bias];
  const statistics = isRead(context, Mean) || isRead(context, InvStdDev);
  const bindings: Record<string, string> = {
    x: node.inputs.X!,
    ...(weight && { weight }),
    ...(added && { bias: added }),
    y: Y!,
    ...(statistics && { mean: Mean!, inverse_std: InvStdDev! }),
  };
  const rows = productOf(context.extents, ...leading);
  const width = staticCount(node.name, 'X', hidden);
  return {
    kernels: [kernel],
    problem: {
      axes: { rows: plannedCount(leading, context), hidden: width },
      dtypes: dtypesOf(context, bindings),
      scalars: { eps: node.attributes.epsilon },
      options: {
        gain: weight !== undefined,
        ...(bias !== undefined && { bias: added !== undefined, statistics }),
      },
    },
    bindings,
    sizes: { rows },
    flops: times(rows, 7 * width),
  };
}

/**
 * A norm whose gain or bias is not one number for each element of a row: the norm without them, then a product and a sum
 * that broadcast. `undefined` where they are.
 */
export function spreadGains(
  node: Node<NormAttributes>,
  { values }: { readonly values: Readonly<Record<string, ValueType>> },
  gains: readonly { readonly role: string; readonly operator: Operator }[],
): readonly Node[] | undefined {
  const { hidden } = rowsOf(node.name, node.attributes, values[node.inputs.X!]!.shape);
  const fits = (value: string): boolean => {
    const { shape } = values[value]!;
    const own = shape.slice(-hidden.length);
    return (
      own.length === hidden.length &&
      own.every((size, axis) => size !== 1 || hidden[axis] === 1) &&
      shape.slice(0, -hidden.length).every((size) => size === 1)
    );
  };
  const parts = gains.flatMap(({ role, operator }) => {
    const by = node.inputs[role];
    return by === undefined ? [] : [{ role, operator, by }];
  });
  if (parts.every(({ by }) => fits(by))) return undefined;
  const inputs = Object.fromEntries(
    Object.entries(node.inputs).filter(([role]) => !parts.some((part) => part.role === role)),
  );
  let value = `${node.name}.plain`;
  const { axis, epsilon, stash_type } = node.attributes;
  const norm: Node = {
    ...node,
    inputs,
    outputs: { ...node.outputs, Y: value },
    attributes: { axis, epsilon, stash_type },
  };
  const added = parts.map(({ operator, by }, i): Node => {
    const result = i === parts.length - 1 ? node.outputs.Y! : `${node.name}.${operator.name}`;
    const next: Node = {
      name: `${node.name}.${operator.name.toLowerCase()}`,
      operator,
      inputs: { A: value, B: by },
      outputs: { C: result },
      attributes: {},
    };
    value = result;
    return next;
  });
  return [norm, ...added];
}
