// Products whose columns stand side by side become one. No GPU.
import { type HostTensor, normalNumbers } from '@tilewright/kernels';
import { packDense } from '@tilewright/kernels/weights/dense';
import { expect, test } from 'vitest';
import { graphBuilder } from '../builder.ts';
import type { Graph } from '../ir.ts';
import { matMulOfWeight } from '../operators/products/mat-mul.ts';
import { concat } from '../operators/shape/concat.ts';
import { transposeOfWeight } from '../operators/shape/transpose.ts';
import { interpret } from '../oracle/interpret.ts';
import { meanings } from '../registry.ts';
import { arrange } from '../weights/arrange.ts';
import { joinProducts } from './join-products.ts';

const rows = [4, 3, 8];

/** Products of `x` with weights of so many rows, side by side; `also` is what else reads the second, `of` what it multiplies. */
function graph({ also = false, of = 'x', axis = -1 } = {}): Graph {
  const g = graphBuilder({ n: { max: 5 } });
  const [x] = ['x', 'z'].map((name) => g.input(name, 'f32', [1, 'n', 6]));
  const parts = rows.map((count, i) => {
    g.weight(`w${i}`, [count, 6]);
    const B = g.node(transposeOfWeight, { data: `w${i}` }, {}, `w${i}.turned`).transposed!;
    return g.node(matMulOfWeight, { A: i === 1 ? of : x!, B }, {}, `y${i}`).Y!;
  });
  const inputs = Object.fromEntries(parts.map((part, i) => [`inputs_${i}`, part]));
  const joined = g.node(concat, inputs, { axis }, 'joined').concat_result!;
  return g.finish({ outputs: also ? [joined, parts[1]!] : [joined] });
}

const state = (second: 'f32' | 'f16' = 'f32'): Map<string, HostTensor> =>
  new Map(
    rows.map((count, i) => [
      `w${i}`,
      packDense(normalNumbers(count * 6, i), [count, 6], i === 1 ? second : 'f32'),
    ]),
  );

const arranged = (source: Graph, weights = state()) => {
  const formats = new Map([...weights].map(([name, { format }]) => [name, format]));
  return arrange(source, weights, [joinProducts(formats)]);
};

const names = ({ nodes }: Graph): readonly string[] =>
  nodes.map(({ operator }) => operator.name).filter((name) => name !== 'Transpose');

test.each([-1, 2])('columns of products of one input are those of one product (axis %i)', (axis) => {
  const source = graph({ axis });
  const joined = arranged(source);
  expect(names(joined.graph)).toEqual(['MatMul']);
  const inputs = { x: normalNumbers(18, 9), z: normalNumbers(18, 10) };
  const want = interpret(meanings, source, state(), inputs, { n: 3 })[source.outputs[0]!]!;
  const got = interpret(meanings, joined.graph, joined.weights, inputs, { n: 3 })[source.outputs[0]!]!;
  expect([...got]).toEqual([...want]);
});

test.each<[string, Graph, Map<string, HostTensor>]>([
  ['something else reads one', graph({ also: true }), state()],
  ['one is of another input', graph({ of: 'z' }), state()],
  ['one is stored in another format', graph(), state('f16')],
])('they stay where %s', (_, source, weights) => {
  expect(names(arranged(source, weights).graph)).toContain('Concat');
});
