// Sizes of graphs: any expression over the symbols, what only a run decides, numbers of a step.
import { baselineCapabilities } from '@tilewright/kernels';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { describe, expect, test } from 'vitest';
import { graphBuilder } from './builder.ts';
import { compile } from './compile.ts';
import { explain } from './explain.ts';
import { extentAlgebra } from './extent/index.ts';
import type { Graph } from './ir.ts';
import { add } from './operators/pointwise/add.ts';
import { relu } from './operators/pointwise/relu.ts';
import { sample, samplerNumbers } from './operators/tokens/sample.ts';
import { softmax } from './operators/normalization/softmax.ts';
import { loadSession } from './session.ts';

const messageOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
};

/** Adds values of the given shapes, over tokens up to 8, of which keys are up to 8 too. */
function sumOf(shapes: readonly Parameters<ReturnType<typeof graphBuilder>['input']>[2][]): Graph {
  const symbols = {
    tokens: { min: 1, max: 8 },
    keys: { max: 8 },
    even: { min: 2, max: 8, multipleOf: 2 },
  };
  const { normalize } = extentAlgebra(symbols);
  const g = graphBuilder(symbols);
  const [A, B] = shapes.map((shape, i) => g.input(`x${i}`, 'f32', shape.map(normalize)));
  return g.finish({ outputs: [g.node(add, { A, B }, {}, 'sum').C!] });
}

test('sizes that are written differently are equal', () => {
  const graph = sumOf([
    [['+', 'tokens', 'tokens'], 4],
    [['*', 2, 'tokens'], 4],
  ]);
  expect(graph.values['sum.C']!.shape).toEqual([['*', 2, 'tokens'], 4]);
  expect(graph.equalities).toEqual([]);
  const halves = sumOf([
    [['*', 2, ['floor/', 'even', 2]], 4],
    ['even', 4],
  ]);
  expect(halves.equalities).toEqual([]);
});

test('sizes that can never be equal are refused', () => {
  expect(
    messageOf(() =>
      sumOf([
        [['+', 'tokens', 9], 4],
        ['keys', 4],
      ]),
    ),
  ).toBe(
    "[sum] its inputs are 'A' [tokens + 9, 4] and 'B' [keys, 4]; from the last axis on, their sizes must be equal or 1.",
  );
});

test('what only a run can tell is on the graph, listed by explain, and survives rewriting', () => {
  const graph = sumOf([
    ['tokens', 4],
    ['keys', 4],
  ]);
  const equalities = [{ subject: 'sum', sizes: ['tokens', 'keys'] }];
  expect(graph.equalities).toEqual(equalities);
  const compiled = compile(graph, { capabilities: baselineCapabilities });
  expect(explain(compiled).equalities).toEqual(equalities);
});

test('a size that is made of symbols compiles for the largest and is explained for each', () => {
  const symbols = { tokens: { max: 8 } };
  const g = graphBuilder(symbols);
  const rows = extentAlgebra(symbols).normalize(['+', ['*', 2, 'tokens'], 1]);
  const x = g.input('x', 'f32', [rows, 16]);
  const y = g.node(softmax, { input: x }, {}, 'softmax').output!;
  const compiled = compile(g.finish({ outputs: [y] }), { capabilities: baselineCapabilities });
  expect(explain(compiled).bytes.output).toBe(17 * 64);
  expect(explain(compiled, { tokens: 3 }).compulsoryBytes).toBe(2 * 7 * 64);
});

test('sizes to compile for are those the symbols may have', () => {
  const graph = sumOf([
    ['even', 4],
    ['even', 4],
  ]);
  const message = (even: number): string =>
    messageOf(() => compile(graph, { capabilities: baselineCapabilities, sizes: { even } }));
  const fix = 'Fix: compile for a smaller bucket, or give the graph a larger maximum.';
  expect(message(5)).toBe(
    `[compile] the size of 'even' is 5; it must be an integer from 2 to 8 and a multiple of 2. ${fix}`,
  );
  expect(message(4)).toBe('nothing was thrown');
});

describe('numbers of a step', () => {
  const sampler = (
    change: (g: ReturnType<typeof graphBuilder>) => Record<string, string>,
  ): (() => unknown) => {
    const g = graphBuilder({ rows: { max: 2 } });
    const logits = g.input('logits', 'f32', ['rows', 8]);
    return () => g.node(sample, { logits, ...samplerNumbers(g), ...change(g) }, {}, 'token');
  };
  test.each<[string, () => unknown, string]>([
    [
      'a tensor where a number is read',
      sampler((g) => ({ temperature: g.input('warmth', 'f32', [1]) })),
      "[token] 'temperature' is the tensor 'warmth'; it must be a number of a step, f32. " +
        "Fix: declare it with scalar('warmth', 'f32') where the graph begins.",
    ],
    [
      'a number of another type',
      sampler((g) => ({ seed: g.scalar('luck', 'f32') })),
      "[token] 'seed' is the number 'luck' of a step, f32; it must be a number of a step, u32. " +
        "Fix: declare it with scalar('luck', 'u32') where the graph begins.",
    ],
    [
      'a number where a tensor is read',
      sampler((g) => ({ logits: g.scalar('logit', 'f32') })),
      "[token] 'logits' is the number 'logit' of a step, f32; it must be a tensor. Fix: give a value of the graph.",
    ],
    [
      'a number without its declaration',
      sampler(() => ({ seed: '' })),
      "[token] Sample has no input 'seed'; it takes logits, temperature, top_k, top_p, seed, counter.",
    ],
    [
      'a number named as a symbol',
      sampler((g) => ({ seed: g.scalar('rows', 'u32') })),
      '[rows] a number of a step and a symbol have this name; a step gives both by their names. Fix: rename one of them.',
    ],
  ])('%s is refused', (_name, act, message) => {
    expect(messageOf(act)).toBe(message);
  });
});

test.skipIf(testProfile.compileOnly)('a run checks what the graph could not decide', async () => {
  const { device, dispose } = await openTestDevice();
  const graph = sumOf([
    ['tokens', 4],
    ['keys', 4],
  ]);
  const compiled = compile(graph, { capabilities: device.capabilities });
  const session = await loadSession(device, { step: compiled }, new Map());
  const step = session.executables.step!;
  const ones = (rows: number): Float32Array => new Float32Array(4 * rows).fill(1);
  expect(messageOf(() => step.run({ tokens: 3, keys: 2 }, { x0: ones(3), x1: ones(2) }))).toBe(
    '[sum] tokens is 3 and keys is 2; the node needs both to be equal, which only a run could tell. ' +
      'Fix: give sizes that make tokens and keys equal.',
  );
  step.run({ tokens: 3, keys: 3 }, { x0: ones(3), x1: ones(3) });
  expect([...(await step.read('sum.C'))]).toEqual(Array.from({ length: 12 }, () => 2));
  session.dispose();
  dispose();
});

test.skipIf(testProfile.compileOnly)('a run takes sizes in the range of their symbols', async () => {
  const { device, dispose } = await openTestDevice();
  const g = graphBuilder({ even: { min: 2, max: 8, multipleOf: 2 } });
  const y = g.node(relu, { X: g.input('x', 'f32', ['even']) }, {}, 'relu').Y!;
  const compiled = compile(g.finish({ outputs: [y] }), { capabilities: device.capabilities });
  const session = await loadSession(device, { step: compiled }, new Map());
  const refused = (even: number): string =>
    messageOf(() => session.executables.step!.run({ even }, { x: new Float32Array(even) }));
  expect(refused(0)).toBe("[run] 'even' is 0; the graph was built for 2 or more. Fix: pad the input.");
  expect(refused(5)).toBe("[run] 'even' is 5; the graph was built for multiples of 2. Fix: pad the input.");
  expect(refused(10)).toBe(
    "[run] 'even' is 10; this executable was compiled for at most 8. Fix: split the input into chunks.",
  );
  expect(refused(6)).toBe('nothing was thrown');
  session.dispose();
  dispose();
});
