// The meaning of a graph: every operator in f64, one after the other, readable by somebody who never saw a GPU. Tests
// compare rewritten graphs with it, and executables with both.
import { type Expression, type Sizes, type StateDict } from '@tilewright/kernels';
import { unpack } from '@tilewright/kernels/layouts';
import type { Graph, Node } from '../ir.ts';
import { columnsOf, elementwise, multiply, rmsNormalise, rotate, rowsOf, scatter } from './arithmetic.ts';

export type OracleValues = Record<string, Float64Array>;

interface Operands {
  readonly node: Node;
  /** Value of an input by role. */
  readonly value: (role: string) => Float64Array;
  /** Shape of a value by role, symbols resolved. */
  readonly shape: (role: string) => readonly number[];
}

type Meaning = (operands: Operands) => Record<string, Float64Array>;

/**
 * Runs a step in f64. `weights` are prepared weights of any layout; states are taken from `state` (zeros where absent)
 * and the returned record holds every value of the graph by name.
 */
export function interpret(
  graph: Graph,
  weights: StateDict,
  inputs: Readonly<Record<string, ArrayLike<number>>>,
  sizes: Sizes,
  state: Readonly<Record<string, Float64Array>> = {},
): OracleValues {
  const values: OracleValues = {};
  const shapeOf = (name: string): number[] =>
    graph.values[name]!.shape.map((dimension) =>
      typeof dimension === 'number' ? dimension : sizes[dimension]!,
    );
  for (const name of graph.inputs) if (inputs[name]) values[name] = Float64Array.from(inputs[name]);
  for (const [name, data] of Object.entries(graph.constants)) values[name] = Float64Array.from(data);
  for (const name of Object.keys(graph.weights)) values[name] = Float64Array.from(unpack(weights.get(name)!));
  for (const [name, { initial }] of Object.entries(graph.states))
    values[initial] = state[name]?.slice() ?? new Float64Array(shapeOf(initial).reduce((a, b) => a * b, 1));
  for (const node of graph.nodes) {
    const made = meanings[node.op]!({
      node,
      value: (role) => values[node.inputs[role]!]!,
      shape: (role) => shapeOf(node.inputs[role]!),
    });
    for (const [role, name] of Object.entries(node.outputs)) values[name] = made[role]!;
  }
  return values;
}

/** The rows a linear layer multiplies: normalised, with the gain, as its attributes and inputs say. */
function linearInput({ node, value, shape }: Operands): Float64Array {
  const x = value('x');
  const columns = shape('x')[1]!;
  const epsilon = node.attributes.normEpsilon as number | undefined;
  const normalised = epsilon === undefined ? x : rmsNormalise(x, columns, epsilon);
  if (!node.inputs.gain) return normalised;
  const gain = value('gain');
  return normalised.map((each, i) => each * gain[i % columns]!);
}

const meanings: Readonly<Record<string, Meaning>> = {
  Linear: (operands) => {
    const { node, value, shape } = operands;
    const acc = multiply(linearInput(operands), value('weight'), shape('weight')[1]!);
    const expression = node.attributes.epilogue as Expression | undefined;
    if (expression === undefined) return { y: acc };
    const roles = Object.keys(node.inputs).filter((role) => role.startsWith('epilogue.'));
    const others = Object.fromEntries(roles.map((role) => [role.slice('epilogue.'.length), value(role)]));
    return { y: elementwise(expression, acc.length, { acc, ...others }) };
  },
  GateUp: (operands) => {
    const [rows, k] = operands.shape('weight') as [number, number];
    const both = multiply(linearInput(operands), operands.value('weight'), k);
    const gate = columnsOf(both, rows, 0, rows / 2);
    const up = columnsOf(both, rows, rows / 2, rows);
    const activation = [String(operands.node.attributes.activation), 'gate'] as unknown as Expression;
    return { y: elementwise(['mul', activation, 'up'], gate.length, { gate, up }) };
  },
  LinearRopeCache: (operands) => {
    const { node, value, shape } = operands;
    const { heads, kvHeads, headSize, rotary } = node.attributes as Record<string, number>;
    const all = multiply(linearInput(operands), value('weight'), shape('weight')[1]!);
    const width = (heads! + 2 * kvHeads!) * headSize!;
    const [endQ, endK] = [heads! * headSize!, (heads! + kvHeads!) * headSize!];
    const turn = (x: Float64Array, count: number): Float64Array =>
      rotate(x, count, value('table'), rotary! / 2, value('positions'), (i) => [2 * i, 2 * i + 1]);
    const k = turn(columnsOf(all, width, endQ, endK), kvHeads!);
    return {
      q: turn(columnsOf(all, width, 0, endQ), heads!),
      presentKey: scatter(value('pastKey'), shape('pastKey'), k, value('positions')),
      presentValue: scatter(
        value('pastValue'),
        shape('pastValue'),
        columnsOf(all, width, endK, width),
        value('positions'),
      ),
    };
  },
  RotaryEmbedding: ({ node, value, shape }) => {
    const half = shape('table')[1]!;
    const heads = Number(node.attributes.heads);
    return { y: rotate(value('x'), heads, value('table'), half, value('positions'), (i) => [i, i + half]) };
  },
  TensorScatter: ({ value, shape }) => ({
    present: scatter(value('past'), shape('past'), value('update'), value('positions')),
  }),
  Attention: ({ node, value, shape }) => {
    const { heads, kvHeads } = node.attributes as Record<string, number>;
    const [, capacity, size] = shape('key') as [number, number, number];
    const valueSize = shape('value')[2]!;
    const scale = typeof node.attributes.scale === 'number' ? node.attributes.scale : 1 / Math.sqrt(size);
    const tokens = shape('q')[0]!;
    const length = value('lengths')[0]!;
    const [q, key, values] = [value('q'), value('key'), value('value')];
    const y = new Float64Array(tokens * heads! * valueSize);
    for (let token = 0; token < tokens; token++)
      for (let head = 0; head < heads!; head++) {
        const kvHead = Math.floor(head / (heads! / kvHeads!));
        const seen = token + length - tokens + 1;
        const scores = Float64Array.from({ length: Math.max(0, seen) }, (_, j) => {
          let dot = 0;
          for (let c = 0; c < size; c++)
            dot += q[(token * heads! + head) * size + c]! * key[(kvHead * capacity + j) * size + c]!;
          return dot * scale;
        });
        const largest = scores.reduce((most, each) => Math.max(most, each), -Infinity);
        const weights = scores.map((each) => Math.exp(each - largest));
        const total = weights.reduce((sum, each) => sum + each, 0);
        weights.forEach((weight, j) => {
          for (let c = 0; c < valueSize; c++)
            y[(token * heads! + head) * valueSize + c]! +=
              (weight / total) * values[(kvHead * capacity + j) * valueSize + c]!;
        });
      }
    return { y };
  },
  Embedding: ({ value, shape }) => {
    const hidden = shape('table')[1]!;
    const y = new Float64Array(value('ids').length * hidden);
    value('ids').forEach((id, t) =>
      y.set(value('table').subarray(id * hidden, (id + 1) * hidden), t * hidden),
    );
    return { y };
  },
  RMSNormalization: ({ node, value, shape }) => {
    const columns = shape('x')[1]!;
    const y = rmsNormalise(value('x'), columns, Number(node.attributes.epsilon));
    return { y: node.inputs.weight ? y.map((each, i) => each * value('weight')[i % columns]!) : y };
  },
  Elementwise: ({ node, value }) => {
    const operands = Object.fromEntries(Object.keys(node.inputs).map((name) => [name, value(name)]));
    const length = Math.max(...Object.values(operands).map((each) => each.length));
    return { y: elementwise(node.attributes.expression as Expression, length, operands) };
  },
  ArgMax: ({ value, shape }) => ({
    ids: rowsOf(value('x'), shape('x')[1]!, (row) => row.indexOf(Math.max(...row))),
  }),
  // The likeliest token: what sampling gives at temperature 0.
  Sample: ({ value, shape }) => ({
    ids: rowsOf(value('logits'), shape('logits')[1]!, (row) => row.indexOf(Math.max(...row))),
  }),
  CrossEntropy: ({ value, shape }) => ({
    loss: rowsOf(value('logits'), shape('logits')[1]!, (row, i) => {
      const largest = Math.max(...row);
      return (
        largest +
        Math.log(row.reduce((sum, each) => sum + Math.exp(each - largest), 0)) -
        row[value('targets')[i]!]!
      );
    }),
  }),
  Gram: ({ value, shape }) => {
    const k = shape('x')[1]!;
    const x = value('x');
    const present = value('past').slice();
    for (let start = 0; start < x.length; start += k)
      for (let i = 0; i < k; i++)
        for (let j = 0; j < k; j++) present[i * k + j]! += x[start + i]! * x[start + j]!;
    return { present };
  },
};
