// Operators of formulas for rows behind products, by themselves: as whole rows and singly, with residuals and biases, against f64 on
// the device under test.
import { baselineCapabilities, normalStream } from '@tilewright/kernels';
import { messageOf } from '@tilewright/tooling/message-of';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphBuilder } from '../../builder.ts';
import { compile } from '../../compile.ts';
import type { ElementType, Operator } from '../../ir.ts';
import { interpret } from '../../oracle/interpret.ts';
import { meanings } from '../../registry.ts';
import { loadSession } from '../../session.ts';
import { addToRows } from './add.ts';
import { swiGluOfRows } from './swi-glu.ts';

type Shape = readonly (number | 'tokens')[];
interface Case {
  readonly operator: Operator;
  readonly a: Shape;
  readonly b?: Shape;
  readonly attributes?: Readonly<Record<string, number>>;
  readonly dtype?: ElementType;
}

const cases: readonly Case[] = [
  { operator: addToRows, a: [1, 'tokens', 12], b: [1, 'tokens', 12] },
  { operator: addToRows, a: [1, 'tokens', 12], b: [12] },
  { operator: addToRows, a: [7], b: [1, 'tokens', 7] },
  { operator: addToRows, a: [2, 'tokens', 5], b: [2, 'tokens', 5] },
  { operator: addToRows, a: [1, 'tokens', 8], b: [8], dtype: 'f16' },
  { operator: addToRows, a: ['tokens', 6] },
  { operator: swiGluOfRows, a: [1, 'tokens', 16], b: [1, 'tokens', 16] },
  { operator: swiGluOfRows, a: ['tokens', 3], b: ['tokens', 3], attributes: { alpha: 1.5 } },
];

describe.skipIf(testProfile.compileOnly)('on a device', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened.dispose());

  test.each(
    cases.map((each) => [`${each.operator.name} of ${each.a} and ${each.b ?? 'itself'}`, each] as const),
  )('%s', async (_, { operator, a, b, attributes = {}, dtype = 'f32' }) => {
    const g = graphBuilder({ tokens: { max: 9 } });
    const A = g.input('a', dtype, [...a]);
    const B = b ? g.input('b', dtype, [...b]) : A;
    const [y] = Object.values(g.node(operator, { A, B }, attributes, 'y'));
    const graph = g.finish({ outputs: [y!] });
    const tokens = 5;
    const draw = normalStream(a.length);
    // Of few bits, so that f16 stores them as they are.
    const numbers = (shape: Shape): Float32Array<ArrayBuffer> =>
      Float32Array.from(
        { length: shape.reduce<number>((count, size) => count * (size === 'tokens' ? tokens : size), 1) },
        () => Math.round(8 * draw()) / 8,
      );
    const inputs: Record<string, Float32Array<ArrayBuffer>> = { a: numbers(a), ...(b && { b: numbers(b) }) };
    const want = interpret(meanings, graph, new Map(), inputs, { tokens })[y!]!;
    const compiled = compile(graph, { capabilities: opened.device.capabilities });
    expect(compiled.calls.map(({ program }) => program.kernel)).toEqual(['store-rows']);
    const session = await loadSession(opened.device, { run: compiled }, new Map());
    const { run } = session.executables;
    run!.run({ tokens }, inputs);
    const got = await run!.read(y!);
    session.dispose();
    const most = Math.max(...want.map(Math.abs));
    expect(got).toHaveLength(want.length);
    expect(Math.max(...want.map((value, i) => Math.abs(value - got[i]!))) / most).toBeLessThan(
      dtype === 'f16' ? 2 ** -10 : 2 ** -20,
    );
  });
});

test('operands that lie otherwise are refused', () => {
  const refusal = (a: readonly number[], b: readonly number[]): string =>
    messageOf(() => {
      const g = graphBuilder({});
      const { C } = g.node(addToRows, { A: g.input('a', 'f32', a), B: g.input('b', 'f32', b) }, {}, 'sum');
      compile(g.finish({ outputs: [C!] }), { capabilities: baselineCapabilities });
    });
  expect(refusal([3, 4], [3, 1])).toBe(
    "[sum] 'B' has shape [3, 1]; it must be [3, 4], or a number for each column.",
  );
  expect(refusal([3, 1], [1, 4])).toBe(
    '[sum] no operand has the shape of the result; rows are of one shape.',
  );
});
