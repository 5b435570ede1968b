// A linear layer asks the format of its weight for kernels first, and then its own: nothing in the graph knows formats.
import { baselineCapabilities, normalStream } from '@tilewright/kernels';
import { packBlockSparse } from '@tilewright/kernels/block-sparse-matmul';
import { withInt8Tokens } from '@tilewright/kernels/matmul-int8-tokens';
import { integer } from '@tilewright/kernels/weights/integer';
import { unpack } from '@tilewright/kernels/weights';
import { randomWeight, weightCodecs } from '@tilewright/kernels/weights/registry';
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
  expect(kernelFor(integer({ bits: 8 }))).toBe('gemv');
  expect(kernelFor(withInt8Tokens(integer({ bits: 8 })))).toBe('matmul-int8-tokens');
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

  test('a format whose activations are rounded multiplies codes of each token by codes', async () => {
    const { device, capabilities } = opened;
    const rounded = randomWeight(withInt8Tokens(integer({ bits: 8 })), [rows, columns], normalStream(5));
    const formats = new Map([['w', rounded.format]]);
    const step = compile(graph, { capabilities, formats });
    const session = await loadSession(device, { step }, new Map([['w', rounded]]));
    try {
      const input = Float32Array.from({ length: tokens * columns }, (_, i) => Math.cos(i) * (1 + (i % 7)));
      session.executables.step!.run({ tokens }, { x: input });
      const got = (await session.executables.step!.read(y)) as Float32Array;
      const numbers = unpack(rounded, weightCodecs);
      const [want, exact] = [new Float64Array(got.length), new Float64Array(got.length)];
      for (let token = 0; token < tokens; token++) {
        const row = input.subarray(token * columns, (token + 1) * columns);
        const largest = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        // The largest over 127, rounded up to 8 significant bits.
        const unit = 2 ** (Math.floor(Math.log2(largest / 127)) - 7);
        const size = Math.ceil(Math.fround(largest * Math.fround(1 / 127)) / unit) * unit;
        for (let r = 0; r < rows; r++)
          for (let c = 0; c < columns; c++) {
            const number = numbers[r * columns + c]!;
            want[token * rows + r]! += Math.floor(row[c]! / size + 0.5) * size * number;
            exact[token * rows + r]! += row[c]! * number;
          }
      }
      const most = want.reduce((value, each) => Math.max(value, Math.abs(each)), 0);
      const apart = (other: Float64Array): number =>
        other.reduce((worst, value, i) => Math.max(worst, Math.abs(value - got[i]!)), 0) / most;
      expect(apart(want)).toBeLessThan(2e-6);
      expect(apart(exact)).toBeGreaterThan(1e-4);
    } finally {
      session.dispose();
    }
  });
});
