// A linear layer asks the format of its weight for kernels first, and then its own: nothing in the graph knows formats.
import { baselineCapabilities } from '@tilewright/kernels';
import { packBlockSparse } from '@tilewright/kernels/block-sparse-matmul';
import { dense } from '@tilewright/kernels/weights/dense';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphBuilder } from '../../builder.ts';
import { compile } from '../../compile.ts';
import { buildProduct } from '../../oracle/build-product.ts';
import { interpret } from '../../oracle/interpret.ts';
import { loadSession } from '../../session.ts';
import { matMulMeaning } from './mat-mul.meaning.ts';
import { transposeMeaning } from '../shape/transpose.meaning.ts';

const [tokens, rows, columns] = [5, 36, 80];
const g = graphBuilder({ tokens: { max: tokens } });
const x = g.input('x', 'f32', ['tokens', columns]);
const y = buildProduct(g, x, g.weight('w', [rows, columns]));
const graph = g.finish({ outputs: [y] });

/** Blocks on a diagonal; the last row of blocks is empty. */
const values = Float32Array.from({ length: rows * columns }, (_, i) => {
  const [row, column] = [Math.floor(i / columns), i % columns];
  return row < 32 && Math.floor(row / 16) === Math.floor(column / 32) ? Math.sin(i) : 0;
});
const weight = packBlockSparse(values, [rows, columns]);

test('a block-sparse weight brings its kernel; other formats leave the choice as it was', () => {
  const kernelFor = (format: typeof weight.format): string =>
    compile(graph, { capabilities: baselineCapabilities, formats: new Map([['w', format]]) }).calls[0]!
      .program.kernel;
  expect(kernelFor(weight.format)).toBe('block-sparse-matmul');
  expect(kernelFor(dense('f32'))).toBe('gemv');
});

describe.skipIf(testProfile.compileOnly)('on a device', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  test('it computes what the whole matrix would', async () => {
    const { device, capabilities } = opened;
    const formats = new Map([['w', weight.format]]);
    const weights = new Map([['w', weight]]);
    const session = await loadSession(device, { step: compile(graph, { capabilities, formats }) }, weights);
    try {
      const executable = session.executables.step!;
      const inputs = { x: Float32Array.from({ length: tokens * columns }, (_, i) => Math.cos(i)) };
      executable.run({ tokens }, inputs);
      const got = (await executable.read(y)) as Float32Array;
      const want = interpret([matMulMeaning, transposeMeaning], graph, weights, inputs, { tokens })[y]!;
      const largest = want.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(got.length).toBe(tokens * rows);
      want.forEach((value, i) => expect(Math.abs(got[i]! - value)).toBeLessThanOrEqual(1e-6 * largest));
    } finally {
      session.dispose();
    }
  });
});
