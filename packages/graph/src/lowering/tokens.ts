import { layoutBytes } from '@tilewright/kernels/layouts';
import { times } from '@tilewright/kernels';
import { dimensionOf, dtypesOf, type Lower, staticSize } from './lowering.ts';

export const lowerEmbedding: Lower = (node, context) => {
  const { graph } = context;
  const table = node.inputs.table!;
  const tokens = dimensionOf(graph, node.inputs.ids!, 0);
  const [vocabulary, hidden] = graph.values[table]!.shape as [number, number];
  const layout = context.layoutOf(table);
  const bindings = { table, ids: node.inputs.ids!, y: node.outputs.y! };
  return {
    kernels: ['embedding'],
    problem: {
      axes: { tokens: context.planned(tokens), vocab: vocabulary, hidden },
      layouts: { table: layout },
      dtypes: dtypesOf(graph, bindings),
    },
    bindings,
    sizes: { tokens },
    addressedBytes: {
      table: times(tokens, Math.ceil(layoutBytes(layout, [vocabulary, hidden]) / vocabulary)),
    },
    flops: 0,
  };
};

export const lowerSample: Lower = (node, context) => {
  const { graph } = context;
  const rows = dimensionOf(graph, node.inputs.logits!, 0);
  const vocab = staticSize(graph, node.inputs.logits!, 1);
  const bindings = { logits: node.inputs.logits!, ids: node.outputs.ids! };
  return {
    kernels: ['sample'],
    problem: { axes: { rows: context.planned(rows), vocab }, dtypes: dtypesOf(graph, bindings) },
    bindings,
    sizes: { rows },
    flops: times(rows, 4 * vocab),
  };
};

export const lowerCrossEntropy: Lower = (node, context) => {
  const { graph } = context;
  const rows = dimensionOf(graph, node.inputs.logits!, 0);
  const vocab = staticSize(graph, node.inputs.logits!, 1);
  const bindings = { logits: node.inputs.logits!, targets: node.inputs.targets!, loss: node.outputs.loss! };
  return {
    kernels: ['cross-entropy'],
    problem: { axes: { rows: context.planned(rows), vocab }, dtypes: dtypesOf(graph, bindings) },
    bindings,
    sizes: { rows },
    flops: times(rows, 4 * vocab),
  };
};

export const lowerArgMax: Lower = (node, context) => {
  const { graph } = context;
  const rows = dimensionOf(graph, node.inputs.x!, 0);
  const columns = staticSize(graph, node.inputs.x!, 1);
  const bindings = { x: node.inputs.x!, ids: node.outputs.ids! };
  return {
    kernels: ['argmax'],
    problem: { axes: { rows: context.planned(rows), columns }, dtypes: dtypesOf(graph, bindings) },
    bindings,
    sizes: { rows },
    flops: times(rows, columns),
  };
};

export const lowerGram: Lower = (node, context) => {
  const { graph } = context;
  const rows = dimensionOf(graph, node.inputs.x!, 0);
  const k = staticSize(graph, node.inputs.x!, 1);
  const bindings = { x: node.inputs.x!, gram: node.outputs.present! };
  return {
    kernels: ['gram'],
    problem: { axes: { rows: context.planned(rows), k }, dtypes: dtypesOf(graph, bindings) },
    bindings,
    sizes: { rows },
    flops: times(rows, 2 * k * k),
  };
};
