import { testKernel } from '@tilewright/tooling/test-kernel';
import { describe, expect, test } from 'vitest';
import { baselineCapabilities } from '../../contract/capabilities.ts';
import { checkPlans } from '../../contract/check-plans.ts';
import { checkProblem } from '../../contract/check-problem.ts';
import { kernelsOf } from '../../contract/format-with-kernels.ts';
import { packDense } from '../../weights/dense/index.ts';
import { dense } from '../../weights/dense/index.ts';
import { gemv } from '../gemv/index.ts';
import { matmul } from '../matmul/index.ts';
import { check } from './check.ts';
import { blockSparseFormat } from './format.ts';
import { blockSparseMatmul } from './kernel.ts';
import { packBlockSparse, unpackBlockSparse } from './pack.ts';

testKernel(check);

const values = new Float32Array(32 * 48);
values[5 * 48 + 40] = 3;
const tensor = packBlockSparse(values, [32, 48]);

test('stores pointers, columns and the blocks that hold something', () => {
  const words = new Uint32Array(tensor.bytes.buffer);
  expect([...words.subarray(0, 8)]).toEqual([0, 1, 1, 0, 2, 0, 0, 0]);
  expect(tensor.bytes.length).toBe(16 + 16 + 1024);
  expect(new Float32Array(tensor.bytes.buffer)[8 + 5 * 16 + 8]).toBe(3);
  expect(unpackBlockSparse(tensor)).toEqual(values);
  expect(tensor.format.record).toEqual({
    format: 'block-sparse',
    height: 16,
    width: 16,
    dtype: 'f32',
    blocks: 1,
  });
});

test('stores codes with a scale for each row, and nothing that rounds to zero', () => {
  const numbers = Float32Array.of(0, 127, 0, -64, 0, 0, 0, 0, 0.5, 0, 0.001, 0);
  const packed = packBlockSparse(numbers, [3, 4], { height: 1, width: 1, dtype: 'int8' });
  expect(packed.format.name).toBe('csr-int8');
  const halves = new Uint16Array(packed.bytes.buffer);
  expect([...new Uint32Array(packed.bytes.buffer, 0, 4)]).toEqual([0, 2, 2, 3]);
  expect(halves[8]).toBe(0x3c00); // 1, then 0, then 0.5 / 127
  expect([...halves.subarray(16, 19)]).toEqual([1, 3, 0]);
  expect([...new Int8Array(packed.bytes.buffer, 48, 3)]).toEqual([127, -64, 127]);
  const [, first, , second] = unpackBlockSparse(packed);
  expect([first, second]).toEqual([127, -64]);
});

test('brings its kernel; the others say that they cannot', () => {
  expect(kernelsOf(tensor.format)).toEqual([blockSparseMatmul]);
  expect(kernelsOf(dense('f32'))).toEqual([]);
  const problem = {
    axes: { batch: 1, m: 1, n: 32, k: 48 },
    formats: { b: tensor.format },
  };
  const fix = 'Fix: change the problem, or run it on a device that has what is missing.';
  for (const kernel of [gemv, matmul])
    expect(() => checkPlans(kernel, checkProblem(kernel, problem), baselineCapabilities)).toThrow(
      `[${kernel.name}] no variant can run this problem on this device; weights stored as bsr-16x16 have no reader. ${fix}`,
    );
  const plain = checkProblem(blockSparseMatmul, { ...problem, formats: {} });
  expect(() => checkPlans(blockSparseMatmul, plain, baselineCapabilities)).toThrow(
    '[block-sparse-matmul] no variant can run this problem on this device; weights stored as f32 have no sparse blocks. ' +
      fix,
  );
});

test('how many blocks a tensor has changes nothing of the Program', () => {
  const texts = [1, 6].map((blocks) => {
    const b = blockSparseFormat({}, blocks, [blockSparseMatmul]);
    const problem = blockSparseMatmul.problem({
      axes: { batch: 1, m: 1, n: 32, k: 48 },
      formats: { b },
    });
    return blockSparseMatmul.program(problem, blockSparseMatmul.plans(problem, baselineCapabilities)[0]!)
      .wgsl;
  });
  expect(texts[0]).toBe(texts[1]);
});

describe('refusals', () => {
  const changed = (at: number, word: number): Uint8Array => {
    const words = new Uint32Array(tensor.bytes.slice().buffer);
    words[at] = word;
    return new Uint8Array(words.buffer);
  };
  const requirement =
    'pointers ascend from 0 to the 1 blocks, and each of these lies in the matrix. Fix: read or pack the tensor again.';
  const cases: [string, () => unknown, string][] = [
    [
      'blocks of odd sides',
      () => packBlockSparse(values, [32, 48], { height: 6 }),
      '[format bsr-6x16] blocks of 6 by 16; sides are 1 or multiples of 4 up to 64. Fix: make the tensor with packBlockSparse.',
    ],
    [
      'other values',
      () => packBlockSparse(values, [32, 48], { dtype: 'bf16' as 'f16' }),
      '[format bsr-16x16-bf16] values of bf16; values are f32, f16, int8, int4. Fix: make the tensor with packBlockSparse.',
    ],
    [
      'parts of blocks',
      () => blockSparseFormat({}, 0.5, []),
      '[format bsr-16x16] 0.5 blocks; a tensor stores a whole number of blocks. Fix: make the tensor with packBlockSparse.',
    ],
    [
      'more blocks than there is room for',
      () => blockSparseFormat({}, 7, []).sections([32, 48]),
      '[format bsr-16x16] shape [32, 48] with 7 blocks; it has room for 6. Fix: give the shape that the tensor was packed with.',
    ],
    [
      'few values',
      () => packBlockSparse(values, [32, 49]),
      '[packBlockSparse] 1536 values; the shape takes 1568. Fix: give as many.',
    ],
    [
      'a value beyond f16',
      () => packBlockSparse(Float32Array.of(1e5), [1, 1], { dtype: 'f16' }),
      '[packBlockSparse] value 100000 at index 0 is beyond f16; a finite weight must stay finite. Fix: store this tensor as f32, or scale it down.',
    ],
    [
      'a value without a code',
      () => packBlockSparse(Float32Array.of(NaN), [1, 1], { dtype: 'int4' }),
      '[packBlockSparse] value NaN at index 0 has no code in int4; scales are f16, so magnitudes go to 458528. Fix: store this tensor as f32.',
    ],
    [
      'pointers out of order',
      () => unpackBlockSparse({ ...tensor, bytes: changed(1, 2) }),
      `[unpackBlockSparse] its row pointers are not in order; ${requirement}`,
    ],
    [
      'a block outside',
      () => unpackBlockSparse({ ...tensor, bytes: changed(4, 3) }),
      `[unpackBlockSparse] a block lies beyond column 2 of blocks; ${requirement}`,
    ],
    [
      'another format',
      () => unpackBlockSparse(packDense(new Float32Array(1), [1], 'f32')),
      '[unpackBlockSparse] the tensor is stored as f32; it takes block-sparse tensors. Fix: unpack it with the codec of its own format.',
    ],
  ];
  test.each(cases)('%s', (_, act, message) => {
    expect(act).toThrow(expect.objectContaining({ message }));
  });
});
