import { checkGraph, type Graph, type ValueType } from '@tilewright/graph';
import { argMax } from '@tilewright/graph/operators/arg-max';
import { crossEntropy } from '@tilewright/graph/operators/cross-entropy';
import type { LanguageTasks } from './language-tasks.ts';

/** Adds to a graph what scoring reads of its logits. A value that is handed over: pages that only write do without. */
export type Scoring = (graph: Graph, score: LanguageTasks['score']) => Graph;

/** The likeliest successor of every token, and the loss of the target in nats. */
export const scoring: Scoring = (graph, { logits, targets, argmax, loss }) => {
  const shape = graph.values[logits]!.shape.slice(0, -1);
  const words: ValueType = { dtype: 'u32', shape };
  return checkGraph({
    ...graph,
    inputs: [...graph.inputs, targets],
    values: { ...graph.values, [targets]: words, [argmax]: words, [loss]: { dtype: 'f32', shape } },
    nodes: [
      ...graph.nodes,
      {
        name: 'argmax',
        operator: argMax,
        inputs: { data: logits },
        outputs: { reduced: argmax },
        attributes: { axis: -1, keepdims: 0 },
      },
      {
        name: 'loss',
        operator: crossEntropy,
        inputs: { logits, targets },
        outputs: { loss },
        attributes: {},
      },
    ],
    outputs: [...graph.outputs, argmax, loss],
  });
};
