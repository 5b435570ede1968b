import { caseProblem } from '../../contract/check.ts';
import { bindKernel, runKernel } from '@tilewright/runtime';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { expectPlan, testKernel } from '@tilewright/tooling/test-kernel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OptionValue } from '../../contract/contract.ts';
import { normalNumbers } from '../../numbers/philox.ts';
import { checkProblem } from '../../contract/check-problem.ts';
import { check, productCase } from './check.ts';
import { batchedMatmul, batchedMatmulAxes, type ProductSizes } from './index.ts';

testKernel(check);

type Options = Readonly<Record<string, OptionValue>>;

/** `count` matrices of rows × columns, each turned. */
const turned = (values: Float32Array, rows: number, columns: number): Float32Array =>
  values.map((_, i) => {
    const [matrix, within] = [Math.floor(i / (rows * columns)), i % (rows * columns)];
    const [column, row] = [Math.floor(within / rows), within % rows];
    return values[matrix * rows * columns + row * columns + column]!;
  });

// SwiftShader gets its share by the cases of the check; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)(`batched-matmul (${testProfile.name})`, () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  const [batch, m, n, k] = [4, 6, 8, 12];
  const sizes: ProductSizes = { batch, m, n, k };
  const a = normalNumbers(batch * m * k, 1);
  const b = normalNumbers(batch * k * n, 2);

  async function multiply(
    left: Float32Array,
    right: Float32Array,
    options: Options = {},
    of: ProductSizes = sizes,
    extra: Readonly<Record<string, number>> = {},
  ): Promise<number[]> {
    const { device, capabilities } = opened;
    const inputs = { a: device.tensor([left.length], left), b: device.tensor([right.length], right) };
    const { a_size: _a, b_size: _b, ...axes } = batchedMatmulAxes(of, options);
    const problem = batchedMatmul.problem({
      axes: { ...axes, ...extra, a_size: left.length, b_size: right.length },
      options,
    });
    const plan = batchedMatmul.plans(problem, capabilities)[0]!;
    const { y } = await runKernel(device, batchedMatmul, {
      axes: { ...axes, ...extra },
      inputs,
      options,
      plan,
    });
    const values = [...((await y.read()) as Float32Array)];
    for (const tensor of [inputs.a, inputs.b, y]) tensor.dispose();
    return values;
  }

  test('transposes equal products of what was turned by hand', async () => {
    const plain = await multiply(a, b);
    expect(await multiply(turned(a, m, k), b, { transpose_a: true })).toEqual(plain);
    expect(await multiply(a, turned(b, k, n), { transpose_b: true })).toEqual(plain);
    expect(
      await multiply(turned(a, m, k), turned(b, k, n), { transpose_a: true, transpose_b: true }),
    ).toEqual(plain);
  });

  test('one call equals a loop over the batch', async () => {
    const whole = await multiply(a, b);
    const parts = [];
    for (let i = 0; i < batch; i++)
      parts.push(
        ...(await multiply(
          a.slice(i * m * k, (i + 1) * m * k),
          b.slice(i * k * n, (i + 1) * k * n),
          {},
          {
            ...sizes,
            batch: 1,
          },
        )),
      );
    expect(parts).toEqual(whole);
  });

  test('what is repeated equals its copies: shared, by groups, across', async () => {
    const one = b.slice(0, k * n);
    const two = b.slice(0, 2 * k * n);
    const copies = (matrices: readonly number[]): Float32Array =>
      Float32Array.from(matrices.flatMap((i) => Array.from(b.subarray(i * k * n, (i + 1) * k * n))));
    expect(await multiply(a, one, { b_strides: 'kn' })).toEqual(await multiply(a, copies([0, 0, 0, 0])));
    expect(await multiply(a, two, { b_strides: 'b (b:2) k n' })).toEqual(
      await multiply(a, copies([0, 0, 1, 1])),
    );
    expect(await multiply(a, two, { b_strides: '(b) b:2 k n' })).toEqual(
      await multiply(a, copies([0, 1, 0, 1])),
    );
  });

  test('a view equals its copy, and a view of y leaves alone what is not its own', async () => {
    // a is columns 3 to 14 of 17, y columns 2 to 9 of every other row of 11.
    const wide = normalNumbers(batch * m * 17, 3);
    const copy = Float32Array.from(
      { length: batch * m * k },
      (_, i) => wide[Math.floor(i / k) * 17 + 3 + (i % k)]!,
    );
    const plain = await multiply(copy, b);
    const options = { a_strides: 'b m k+3/17', y_strides: 'b m 1/2 n+2/11' };
    const strided = await multiply(wide, b, options, sizes, { y_size: batch * m * 22 });
    const inView = (i: number): boolean => Math.floor(i / 11) % 2 === 1 && i % 11 >= 2 && i % 11 < 10;
    expect(strided.filter((_, i) => inView(i))).toEqual(plain);
    expect(strided.filter((value, i) => !inView(i) && value !== 0)).toEqual([]);
  });

  test('tensors have any shape, and too few elements are refused', async () => {
    const { device } = opened;
    const axes = batchedMatmulAxes({ batch: 2, m: 2, n: 2, k: 2 }, { transpose_b: true, b_strides: 'kn' });
    const inputs = {
      a: device.tensor([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]),
      b: device.tensor([2, 2], [1, 0, 1, 1]),
    };
    const { y } = await runKernel(device, batchedMatmul, {
      axes,
      options: { transpose_b: true, b_strides: 'kn' },
      inputs,
      outputs: { y: device.tensor([2, 2, 2]) },
    });
    expect([...((await y.read()) as Float32Array)]).toEqual([1, 3, 3, 7, 5, 11, 7, 15]);
    await expect(
      runKernel(device, batchedMatmul, { axes, inputs: { ...inputs, a: inputs.b } }),
    ).rejects.toThrow(
      "[batched-matmul] axis 'a_size' is 4 in 'a' [4]; elsewhere it is 8. Fix: make the 'a_size' of all tensors equal.",
    );
  });

  test('fewer batches and rows than planned, none included', async () => {
    const { device } = opened;
    const whole = await multiply(a, b);
    const inputs = { a: device.tensor([a.length], a), b: device.tensor([b.length], b) };
    const bound = await bindKernel(device, batchedMatmul, { axes: batchedMatmulAxes(sizes), inputs });
    for (const fewer of [{ batch: 0 }, { m: 0 }]) {
      bound.run({ ...sizes, ...fewer });
      expect([...((await bound.outputs.y.read()) as Float32Array)].every((value) => value === 0)).toBe(true);
    }
    bound.run({ ...sizes, batch: 2 });
    const part = [...((await bound.outputs.y.read()) as Float32Array)];
    expect(part.slice(0, 2 * m * n)).toEqual(whole.slice(0, 2 * m * n));
    expect(part.slice(2 * m * n).every((value) => value === 0)).toBe(true);
    bound.dispose();
  });
});

// The adapters of tests run on the CPU and are not offered what is made for hardware, but can run it.
describe.skipIf(testProfile.subset)(`batched-matmul on hardware's Plans (${testProfile.name})`, () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  for (const [name, splits, input] of [
    ['K split, b along n', true, productCase([2, 20, 36, 520])],
    ['b along k', false, productCase([3, 33, 12, 20], { transpose_b: true })],
    [
      'a transposed, groups',
      false,
      productCase([4, 9, 7, 5], { transpose_a: true, b_strides: 'b (b:2) k n' }),
    ],
  ] as const)
    test(name, async () => {
      const { capabilities } = opened;
      const problem = batchedMatmul.problem(caseProblem(input));
      const plan = batchedMatmul.plans(problem, { ...capabilities, software: false })[0]!;
      expect(plan.variant).toBe('workgroup-tile');
      expect(Number(plan.splits) > 1).toBe(splits);
      await expectPlan(opened, check, input, plan);
    });
});

describe('what cannot be', () => {
  const sizes = { batch: 6, m: 5, n: 7, k: 9 };
  const grammar = (letters: readonly [string, string, string]): string =>
    `it lists ${letters.join(', ')} from outermost to innermost: split ones as 'b b:8', repeated ones as '(b:8)', part of ` +
    `a longer row as 'k+3/17', slices as '1/3'. Fix: write '${letters.join('')}', or digits separated by spaces.`;

  test.each([
    ['a', 'bmx', "'x' is no digit", ['b', 'm', 'k']],
    ['b', 'b m k', "'m' is no digit", ['b', 'k', 'n']],
    ['y', 'b m', 'there is no n, so elements of y would overlap', ['b', 'm', 'n']],
    ['y', 'b (b:2) m n', 'elements of y would overlap', ['b', 'm', 'n']],
  ] as const)('%s_strides %s', (tensor, pattern, problem, letters) => {
    expect(() => batchedMatmulAxes(sizes, { [`${tensor}_strides`]: pattern })).toThrow(
      `[batched-matmul] option '${tensor}_strides' is '${pattern}': ${problem}; ${grammar(letters)}`,
    );
  });

  test('digits that do not divide, rows longer than memory has, tensors too small', () => {
    expect(() => batchedMatmulAxes({ ...sizes, n: 1.5 })).toThrow(
      '[batched-matmul] n is 1.5; the sizes of a product are positive integers. Fix: give n such a size.',
    );
    expect(() => batchedMatmulAxes(sizes, { b_strides: 'b b:4 k n' })).toThrow(
      "[batched-matmul] option 'b_strides' is 'b b:4 k n': b of size 6 has inner digits of 4; digits divide their axis. " +
        'Fix: pad b to a multiple of 4, or give it other digits.',
    );
    expect(() => batchedMatmulAxes(sizes, { y_strides: 'b m n+2/8' })).toThrow(
      "[batched-matmul] option 'y_strides' is 'b m n+2/8': 7 values of n from place 2 on; memory has 8 places there, and " +
        'more would overlap. Fix: give n 9 places or more.',
    );
    expect(() => checkProblem(batchedMatmul, { axes: { ...batchedMatmulAxes(sizes), y_size: 209 } })).toThrow(
      "[batched-matmul] 'y' has 209 elements; batch 6, m 5, n 7 and k 9 reach element 209 of it. Fix: give a larger " +
        'tensor, or other y_strides.',
    );
    expect(() => checkProblem(batchedMatmul, { axes: { ...batchedMatmulAxes(sizes), k: 0 } })).toThrow(
      "[batched-matmul] axes.k is 0; it must be a positive integer. Fix: give the size of 'k' that the tensors have.",
    );
  });
});
