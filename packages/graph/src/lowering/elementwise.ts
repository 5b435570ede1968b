import { type Expression, times } from '@tilewright/kernels';
import { elementwiseFilling } from '@tilewright/kernels/elementwise';
import { dimensionOf, dtypesOf, type Lower, staticSize } from './lowering.ts';

export const lowerRmsNormalization: Lower = (node, context) => {
  const { graph } = context;
  const rows = dimensionOf(graph, node.inputs.x!, 0);
  const hidden = staticSize(graph, node.inputs.x!, 1);
  const gain = node.inputs.weight;
  const bindings = { x: node.inputs.x!, ...(gain && { weight: gain }), y: node.outputs.y! };
  return {
    kernels: ['rms-norm'],
    problem: {
      axes: { rows: context.planned(rows), hidden },
      dtypes: dtypesOf(graph, bindings),
      scalars: { eps: Number(node.attributes.epsilon) },
      options: { gain: gain !== undefined },
    },
    bindings,
    sizes: { rows },
    flops: times(rows, 4 * hidden),
  };
};

export const lowerElementwise: Lower = (node, context) => {
  const { graph } = context;
  const rows = dimensionOf(graph, node.outputs.y!, 0);
  const columns = staticSize(graph, node.outputs.y!, 1);
  const operands: Record<string, 'full' | 'column'> = {};
  const bindings: Record<string, string> = { y: node.outputs.y! };
  for (const [name, value] of Object.entries(node.inputs)) {
    operands[name] = graph.values[value]!.shape.length === 1 ? 'column' : 'full';
    bindings[`compute.${name}`] = value;
  }
  return {
    kernels: ['elementwise'],
    problem: {
      axes: { rows: context.planned(rows), columns },
      dtypes: dtypesOf(graph, bindings),
      slots: {
        compute: elementwiseFilling({
          expression: node.attributes.expression as Expression,
          operands,
          columns,
        }),
      },
    },
    bindings,
    sizes: { rows },
    flops: times(rows, columns),
  };
};
