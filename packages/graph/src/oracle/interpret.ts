// The meaning of a graph: the meaning of every node in f64, one after the other. Tests compare rewritten graphs with it,
// and executables with both.
import { evaluate, type Sizes, type StateDict, TilewrightError } from '@tilewright/kernels';
import { unpack } from '@tilewright/kernels/weights';
import { weightCodecs } from '@tilewright/kernels/weights/registry';
import { unfold } from '../graph-index.ts';
import type { Graph } from '../ir.ts';
import { completeNode } from '../operators/attributes.ts';
import type { OperatorMeaning } from '../operators/meaning.ts';
import { columnsOf } from './arithmetic.ts';

export type OracleValues = Record<string, Float64Array>;

/**
 * Runs a step in f64. `meanings` has those of the graph's operators; `weights` are prepared weights of any registered format; states
 * are taken from `state` (zeros where absent) and the returned record holds every value of the graph by name.
 */
export function interpret(
  meanings: readonly OperatorMeaning[],
  graph: Graph,
  weights: StateDict,
  inputs: Readonly<Record<string, ArrayLike<number>>>,
  sizes: Sizes,
  state: Readonly<Record<string, Float64Array>> = {},
): OracleValues {
  const values: OracleValues = {};
  const byOperator = new Map(meanings.map(({ operator, meaning }) => [operator.id, meaning]));
  const shapeOf = (name: string): number[] => graph.values[name]!.shape.map((size) => evaluate(size, sizes));
  for (const name of graph.inputs) if (inputs[name]) values[name] = Float64Array.from(inputs[name]);
  for (const [name, elements] of Object.entries(graph.contents))
    values[name] = Float64Array.from(elements, (element) => evaluate(element, sizes));
  for (const [name, data] of Object.entries(graph.constants)) values[name] = Float64Array.from(data);
  for (const name of Object.keys(graph.weights))
    values[name] = Float64Array.from(unpack(weights.get(name)!, weightCodecs));
  for (const [name, { initial }] of Object.entries(graph.states))
    values[initial] = state[name]?.slice() ?? new Float64Array(shapeOf(initial).reduce((a, b) => a * b, 1));
  for (const { nodes, columns } of graph.nodes.map(unfold))
    for (const written of nodes) {
      const node = completeNode(written);
      const meaning = byOperator.get(node.operator.id);
      if (!meaning)
        throw new TilewrightError('bad-argument', {
          subject: node.name,
          problem: `${node.operator.name} has no meaning among those handed over`,
          requirement: 'every node means something',
          fix: 'hand its meaning over too',
        });
      const valueOf = (role: string): string => node.inputs[role] ?? node.outputs[role]!;
      const results = meaning({
        node,
        attributes: node.attributes,
        has: (role) => node.inputs[role] !== undefined,
        value: (role) => values[node.inputs[role]!]!,
        shape: (role) => shapeOf(valueOf(role)),
        type: (role) => graph.values[valueOf(role)]!,
      });
      for (const [role, name] of Object.entries(node.outputs)) {
        values[name] = results[role]!;
        for (const { of, argument } of columns)
          if (of === name) {
            const width = shapeOf(of).at(-1)!;
            const [from, to] = argument.columns ?? [0, width];
            values[argument.value] = columnsOf(values[of]!, width, from, to);
          }
      }
    }
  return values;
}
