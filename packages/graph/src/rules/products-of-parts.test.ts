// Weights in parts, on the device under test: an integer matrix with sparse outliers, and with factors of low rank.
import { type HostTensor, normalNumbers, type StateDict } from '@tilewright/kernels';
import { packBlockSparse } from '@tilewright/kernels/block-sparse-matmul';
import { roundWeight, unpack } from '@tilewright/kernels/weights';
import { packDense } from '@tilewright/kernels/weights/dense';
import { integerQuantizer } from '@tilewright/kernels/weights/integer';
import { weightCodecs } from '@tilewright/kernels/weights/registry';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { expect, test } from 'vitest';
import { graphBuilder } from '../builder.ts';
import { compile } from '../compile.ts';
import type { Graph } from '../ir.ts';
import { gemm } from '../operators/products/gemm.ts';
import { matMul } from '../operators/products/mat-mul.ts';
import { transpose } from '../operators/shape/transpose.ts';
import { interpret } from '../oracle/interpret.ts';
import { meanings } from '../registry.ts';
import { loadSession } from '../session.ts';
import { arrange } from '../weights/arrange.ts';
import { productsOfParts, type WeightTerms } from './products-of-parts.ts';

const [outputs, inputs, rank] = [20, 36, 3];

/** A product with `w`, and a `Gemm` with the same weight and a bias. */
function graph(): Graph {
  const g = graphBuilder({ n: { max: 5 } });
  const x = g.input('x', 'f32', ['n', inputs]);
  g.weight('w', [outputs, inputs]);
  g.weight('bias', [outputs]);
  const rows = g.node(transpose, { data: 'w' }).transposed!;
  const y = g.node(matMul, { A: x, B: rows }, {}, 'y').Y!;
  const z = g.node(gemm, { A: x, B: 'w', C: 'bias' }, { transB: 1 }, 'z').Y!;
  return g.finish({ outputs: [y, z] });
}

/** Every 19th number is an outlier, kept apart. */
function parts(): { readonly state: Map<string, HostTensor>; readonly terms: WeightTerms } {
  const values = normalNumbers(outputs * inputs, 1, 0.2);
  const outliers = new Float32Array(values.length);
  for (let i = 0; i < values.length; i += 19) [outliers[i], values[i]] = [8 * values[i]!, 0];
  const shape = [outputs, inputs] as const;
  return {
    state: new Map([
      ['w.rest', roundWeight(integerQuantizer({ bits: 4 }), values, shape)],
      ['w.outliers', packBlockSparse(outliers, shape, { height: 1, width: 1 })],
      ['w.up', packDense(normalNumbers(outputs * rank, 2), [outputs, rank], 'f32')],
      ['w.down', packDense(normalNumbers(rank * inputs, 3, 0.2), [rank, inputs], 'f16')],
      ['bias', packDense(normalNumbers(outputs, 4), [outputs], 'f32')],
    ]),
    terms: [
      [{ name: 'w.rest', shape }],
      [{ name: 'w.outliers', shape }],
      [
        { name: 'w.up', shape: [outputs, rank] },
        { name: 'w.down', shape: [rank, inputs] },
      ],
    ],
  };
}

/** The weight that the parts amount to. */
function whole(state: StateDict): HostTensor {
  const of = (name: string): Float32Array => unpack(state.get(name)!, weightCodecs);
  const [rest, outliers, up, down] = ['w.rest', 'w.outliers', 'w.up', 'w.down'].map(of) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const sum = rest.map((value, i) => {
    const [row, column] = [Math.floor(i / inputs), i % inputs];
    let low = 0;
    for (let r = 0; r < rank; r++) low += up[row * rank + r]! * down[r * inputs + column]!;
    return value + outliers[i]! + low;
  });
  return packDense(sum, [outputs, inputs], 'f32');
}

test.skipIf(testProfile.compileOnly)(
  'a sum of stored parts is the product with the whole weight',
  async () => {
    const { state, terms } = parts();
    const { graph: arranged, weights } = arrange(graph(), state, [productsOfParts(new Map([['w', terms]]))]);
    const { device, capabilities, dispose } = await openTestDevice();
    const formats = new Map([...weights].map(([name, { format }]) => [name, format]));
    const compiled = compile(arranged, { capabilities, formats });
    // Sums are absorbed by products: four of them for each output, and nothing else.
    const kernels = compiled.calls.map(({ program }) => program.kernel);
    expect(kernels.filter((kernel) => kernel === 'block-sparse-matmul').length).toBe(2);
    expect(kernels.filter((kernel) => kernel === 'gemv').length).toBe(kernels.length - 2);
    expect(kernels.length).toBeLessThanOrEqual(8);
    const session = await loadSession(device, { compiled }, weights);
    const step = { x: normalNumbers(4 * inputs, 9) };
    session.executables.compiled!.run({ n: 4 }, step);
    const want = interpret(
      meanings,
      graph(),
      new Map([
        ['w', whole(state)],
        ['bias', state.get('bias')!],
      ]),
      step,
      { n: 4 },
    );
    for (const output of graph().outputs) {
      const got = await session.executables.compiled!.read(output);
      const largest = want[output]!.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(largest).toBeGreaterThan(1);
      want[output]!.forEach((value, i) => expect(Math.abs(got[i]! - value)).toBeLessThan(1e-5 * largest));
    }
    session.dispose();
    dispose();
  },
);

test('weights without parts stay, and parts that do not meet are refused', () => {
  const { state, terms } = parts();
  const plain = new Map([...state, ['w', whole(state)]]);
  const rule = (given: WeightTerms, name = 'w') => productsOfParts(new Map([[name, given]]));
  expect(arrange(graph(), plain, [rule(terms, 'v')]).graph).toEqual(arrange(graph(), plain).graph);
  expect(() => arrange(graph(), state, [rule([terms[2]!.toReversed()])])).toThrow(
    "[productsOfParts] the parts of 'w' are [3, 36] · [20, 3]; each term is a product of matrices that gives [20, 36]. " +
      'Fix: give the shapes of the tensors that are stored, the outputs first.',
  );
  expect(() => arrange(graph(), state, [rule([])])).toThrow("the parts of 'w' are none;");
});
