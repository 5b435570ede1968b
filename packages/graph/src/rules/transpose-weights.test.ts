// Weights as ONNX files store them, [inputs, outputs], on the device under test.
import { type HostTensor, normalStream, type StateDict } from '@tilewright/kernels';
import { packDense, unpackDense } from '@tilewright/kernels/weights/dense';
import { roundWeight } from '@tilewright/kernels/weights';
import { integerQuantizer } from '@tilewright/kernels/weights/integer';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { expect, test } from 'vitest';
import { graphBuilder } from '../builder.ts';
import { compile } from '../compile.ts';
import type { Graph } from '../ir.ts';
import { add } from '../operators/pointwise/add.ts';
import { gemm } from '../operators/products/gemm.ts';
import { softmax } from '../operators/normalization/softmax.ts';
import { matMul } from '../operators/products/mat-mul.ts';
import { interpret } from '../oracle/interpret.ts';
import { meanings } from '../registry.ts';
import { loadSession } from '../session.ts';
import { arrange } from '../weights/arrange.ts';
import { prepareWeights } from '../weights/prepare.ts';
import { transposeWeights } from './transpose-weights.ts';

const matrix = (shape: readonly number[], seed: number, dtype: 'f32' | 'f16' = 'f32'): HostTensor => {
  const normal = normalStream(seed);
  const count = shape.reduce((product, size) => product * size, 1);
  return packDense(
    Float32Array.from({ length: count }, () => Math.round(64 * normal()) / 64),
    shape,
    dtype,
  );
};

/** Queries and keys of one input, and a layer as exporters write it: `Gemm`, with a weight that two of them share. */
function layers(): { readonly graph: Graph; readonly state: StateDict; readonly outputs: readonly string[] } {
  const g = graphBuilder({ n: { max: 5 } });
  const x = g.input('x', 'f32', ['n', 20]);
  const state = new Map([
    ['q', matrix([20, 12], 1)],
    ['k', matrix([20, 8], 2)],
    ['k.bias', matrix([8], 3)],
    ['w', matrix([12, 16], 4, 'f16')],
    ['w.bias', matrix([16], 5)],
    ['straight', matrix([7, 16], 6)],
  ]);
  for (const [name, { shape }] of state) g.weight(name, shape);
  const q = g.node(matMul, { A: x, B: 'q' }, {}, 'q_proj').Y!;
  const k = g.node(
    add,
    { A: g.node(matMul, { A: x, B: 'k' }, {}, 'k_proj').Y, B: 'k.bias' },
    {},
    'k_biased',
  ).C!;
  const h = g.node(gemm, { A: q, B: 'w', C: 'w.bias' }, {}, 'gemm').Y!;
  const again = g.node(gemm, { A: q, B: 'w' }, { alpha: 0.5 }, 'again').Y!;
  const last = g.node(gemm, { A: h, B: 'straight' }, { transB: 1 }, 'last').Y!;
  const outputs = [g.node(softmax, { input: k }, {}, 'softmax').output!, h, again, last];
  return { graph: g.finish({ outputs }), state, outputs };
}

const step = { x: unpackDense(matrix([3, 20], 9)) };

/** The outputs of a graph with these weights on a device, in f64 as it was written, and the kernels that it called. */
async function run(given: ReturnType<typeof layers>, change: (tensor: HostTensor) => HostTensor) {
  const { graph, state, outputs } = given;
  const { graph: arranged, weights } = arrange(graph, state, [transposeWeights]);
  const stored = new Map([...weights].map(([name, tensor]) => [name, change(tensor)]));
  const { device, capabilities, dispose } = await openTestDevice();
  const compiled = compile(arranged, {
    capabilities,
    formats: new Map([...stored].map(([name, { format }]) => [name, format])),
  });
  const session = await loadSession(device, { compiled }, stored);
  session.executables.compiled!.run({ n: 3 }, step);
  const got: ArrayLike<number>[] = [];
  for (const output of outputs) got.push(await session.executables.compiled!.read(output));
  session.dispose();
  dispose();
  const meant = (of: Graph, from: StateDict) => interpret(meanings, of, from, step, { n: 3 });
  return {
    got,
    written: outputs.map((output) => meant(graph, prepareWeights(graph, state))[output]!),
    arranged: outputs.map((output) => meant(arranged, stored)[output]!),
    kernels: [...new Set(compiled.calls.map(({ program }) => program.kernel))],
    weights,
  };
}

function expectClose(got: readonly ArrayLike<number>[], want: readonly Float64Array[]): void {
  want.forEach((numbers, i) => {
    expect(got[i]!.length).toBe(numbers.length);
    const largest = Math.max(...numbers.map(Math.abs));
    numbers.forEach((number, at) => {
      expect(Math.abs(got[i]![at]! - number)).toBeLessThan(1e-5 * largest);
    });
  });
}

test.skipIf(testProfile.compileOnly)(
  'products of weights [inputs, outputs] are those of stored weights',
  async () => {
    const { got, written, kernels, weights } = await run(layers(), (tensor) => tensor);
    // Vectors are f32; q and k are one product, and the Gemms share a weight, which stays f16.
    const held = [...weights].map(([name, { shape, format }]) => [name, format.name, shape.join()]);
    expect(held.sort()).toEqual([
      ['k.bias', 'f32', '20'],
      ['q.transposed + k.transposed', 'f32', '20,20'],
      ['straight', 'f32', '7,16'],
      ['w.bias', 'f32', '16'],
      ['w.transposed', 'f16', '16,12'],
    ]);
    expect(kernels).toEqual(['gemv', 'softmax']);
    expectClose(got, written);
  },
);

test.skipIf(testProfile.compileOnly)('they take compressed formats', async () => {
  const quantizer = integerQuantizer({ bits: 8, group: 4 });
  const { got, arranged, kernels } = await run(layers(), (tensor) =>
    tensor.shape.length === 2 ? roundWeight(quantizer, unpackDense(tensor), tensor.shape) : tensor,
  );
  expect(kernels).toEqual(['gemv', 'softmax']);
  expectClose(got, arranged);
});

test('a compressed weight [inputs, outputs] is refused', () => {
  const { graph, state } = layers();
  const q = roundWeight(integerQuantizer({ bits: 8, group: 4 }), unpackDense(state.get('q')!), [20, 12]);
  expect(() => arrange(graph, new Map(state).set('q', q), [transposeWeights])).toThrow(
    '[q] the weight is stored as int8-g4 [20, 12]; a product reads it by its columns, and only dense weights change rows for ' +
      'columns exactly. Fix: store the transpose, [outputs, inputs], in this format.',
  );
});
