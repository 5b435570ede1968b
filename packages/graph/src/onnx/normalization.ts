// ONNX's norms and softmax: over the axes from `axis` on, or along one axis, of any rank.
import { times } from '@tilewright/kernels';
import type { Attribute, Dimension, Node, ValueType } from '../ir.ts';
import { dtypesOf, type Lower } from '../lowering/lowering.ts';
import { badNode, type InferContext, type Operator } from '../operators/operator.ts';
import type { Rule } from '../rewrite.ts';
import { attributesOf, oneOf } from './attributes.ts';
import { axisOf, broadcast, countOf, elementType, floats, isNeeded, staticCount } from './shape.ts';

const normDefaults = { axis: -1, epsilon: 1e-5, stash_type: 1 } as const;

function normShapes(context: InferContext): { readonly x: ValueType; readonly statistics: ValueType } {
  const { subject, inputs } = context;
  const x = inputs.X!;
  const { axis, stash_type: stash } = attributesOf(context, normDefaults);
  elementType(subject, 'X', x, floats);
  // Statistics are f32 whatever x is.
  oneOf(subject, 'stash_type', stash, [1]);
  const first = axisOf(subject, axis, x.shape.length);
  for (const role of ['Scale', 'scale', 'B']) {
    const type = inputs[role];
    if (!type) continue;
    elementType(subject, role, type, floats);
    if (broadcast(subject, { X: x.shape, [role]: type.shape }).join() !== x.shape.join())
      throw badNode(
        subject,
        `'${role}' has shape [${type.shape.join(', ')}]`,
        `it must broadcast to [${x.shape.join(', ')}]`,
      );
  }
  const shape = x.shape.map((size, i) => (i < first ? size : 1));
  return { x, statistics: { dtype: 'f32', shape } };
}

/** ONNX `RMSNormalization` (opset 23); without `scale` the gain is one. */
export const rmsNormalization: Operator = {
  name: 'RMSNormalization',
  summary: 'Y = X / sqrt(mean(X²) + epsilon) · scale, over the axes from `axis` on',
  inputs: ['X', 'scale?'],
  infer: (context) => ({ Y: normShapes(context).x }),
};

/** ONNX `LayerNormalization` (opset 17); without `Scale` the gain is one. */
export const layerNormalization: Operator = {
  name: 'LayerNormalization',
  summary: 'Y = (X - mean) / sqrt(variance + epsilon) · Scale + B, over the axes from `axis` on',
  inputs: ['X', 'Scale?', 'B?'],
  infer: (context) => {
    const { x, statistics } = normShapes(context);
    return { Y: x, Mean: statistics, InvStdDev: statistics };
  },
};

const scaleRole = (node: Node): 'scale' | 'Scale' => (node.op === 'LayerNormalization' ? 'Scale' : 'scale');

/** Rows and their length: the axes before `axis`, and those from it on. */
function rowsOf(node: Node, shape: readonly Dimension[]) {
  const { axis } = attributesOf({ subject: node.name, attributes: node.attributes }, normDefaults);
  const first = axisOf(node.name, axis, shape.length);
  return { rows: shape.slice(0, first), hidden: shape.slice(first) };
}

const lowerNorm =
  (kernel: 'rms-norm' | 'layer-norm'): Lower =>
  (node, context) => {
    const { graph } = context;
    const { rows: leading, hidden } = rowsOf(node, graph.values[node.inputs.X!]!.shape);
    const { epsilon } = attributesOf({ subject: node.name, attributes: node.attributes }, normDefaults);
    const { Y, Mean, InvStdDev } = node.outputs;
    const weight = node.inputs[scaleRole(node)];
    const bias = node.inputs.B;
    const statistics = isNeeded(graph, Mean) || isNeeded(graph, InvStdDev);
    const bindings: Record<string, string> = {
      x: node.inputs.X!,
      ...(weight && { weight }),
      ...(bias && { bias }),
      y: Y!,
      ...(statistics && { mean: Mean!, inverse_std: InvStdDev! }),
    };
    const rows = countOf(leading);
    const width = staticCount(node.name, 'X', hidden);
    return {
      kernels: [kernel],
      problem: {
        axes: {
          rows: leading.reduce<number>((product, each) => product * context.planned(each), 1),
          hidden: width,
        },
        dtypes: dtypesOf(graph, bindings),
        scalars: { eps: epsilon },
        options: {
          gain: weight !== undefined,
          ...(kernel === 'layer-norm' && { bias: bias !== undefined, statistics }),
        },
      },
      bindings,
      sizes: { rows },
      flops: times(rows, 7 * width),
    };
  };

export const lowerRmsNormalization: Lower = lowerNorm('rms-norm');
export const lowerLayerNormalization: Lower = lowerNorm('layer-norm');

/**
 * A norm whose scale or bias is not one number for each element of a row: the norm without them, then a product and a sum
 * that broadcast.
 */
export const spreadScale: Rule = {
  name: 'spread-scale',
  apply(node, graph) {
    if (node.op !== 'RMSNormalization' && node.op !== 'LayerNormalization') return undefined;
    const { [scaleRole(node)]: scale, B, ...inputs } = node.inputs;
    const { hidden } = rowsOf(node, graph.values[node.inputs.X!]!.shape);
    const fits = (value: string | undefined): boolean =>
      value === undefined ||
      (graph.values[value]!.shape.slice(-hidden.length).join() === hidden.join() &&
        graph.values[value]!.shape.slice(0, -hidden.length).every((size) => size === 1));
    if (fits(scale) && fits(B)) return undefined;
    const parts = [...(scale ? [['Mul', scale] as const] : []), ...(B ? [['Add', B] as const] : [])];
    let value = `${node.name}.plain`;
    const norm: Node = { ...node, inputs, outputs: { ...node.outputs, Y: value } };
    const added = parts.map(([op, by], i): Node => {
      const result = i === parts.length - 1 ? node.outputs.Y! : `${node.name}.${op}`;
      const next: Node = {
        name: `${node.name}.${op.toLowerCase()}`,
        op,
        inputs: { A: value, B: by },
        outputs: { C: result },
        attributes: {} as Readonly<Record<string, Attribute>>,
      };
      value = result;
      return next;
    });
    return { remove: [node], add: [norm, ...added] };
  },
};

const softmaxOperator = (name: string, summary: string): Operator => ({
  name,
  summary,
  inputs: ['input'],
  infer: (context) => {
    const { subject, inputs } = context;
    elementType(subject, 'input', inputs.input!, floats);
    axisOf(subject, attributesOf(context, { axis: -1 }).axis, inputs.input!.shape.length);
    return { output: inputs.input! };
  },
});

/** ONNX `Softmax` (opset 13): along one axis, default the last. */
export const softmax: Operator = softmaxOperator('Softmax', 'output = exp(x) / Σ exp(x) along an axis');
/** ONNX `LogSoftmax` (opset 13). */
export const logSoftmax: Operator = softmaxOperator('LogSoftmax', 'output = x - log Σ exp(x) along an axis');

export const lowerSoftmax: Lower = (node, context) => {
  const { graph } = context;
  const { shape } = graph.values[node.inputs.input!]!;
  const attributes = attributesOf({ subject: node.name, attributes: node.attributes }, { axis: -1 });
  const axis = axisOf(node.name, attributes.axis, shape.length);
  const [length, inner] = [shape.slice(axis, axis + 1), shape.slice(axis + 1)].map((part) =>
    staticCount(node.name, 'input', part),
  ) as [number, number];
  const leading = shape.slice(0, axis);
  const planned = leading.reduce<number>((product, each) => product * context.planned(each), 1);
  const bindings = { x: node.inputs.input!, y: node.outputs.output! };
  const outer = countOf(leading);
  return {
    kernels: ['softmax'],
    problem: {
      axes: { rows: planned, columns: length, ...(inner > 1 && { inner }) },
      dtypes: dtypesOf(graph, bindings),
      options: { log: node.op === 'LogSoftmax', along: inner > 1 ? 'middle' : 'last' },
    },
    bindings,
    sizes: { rows: outer },
    flops: times(outer, 5 * length * inner),
  };
};
