import { f16BitsToF32, f32ToF16Bits, normalNumbers, normalStream } from '@tilewright/kernels';
import { packDense } from '@tilewright/kernels/weights/dense';
import { dequantizeInteger, integer, packInteger } from '@tilewright/kernels/weights/integer';
import type { CaseData, MatchedCase, OurWay } from './matched-case.ts';

const rows = [1, 16, 128, 512];
const sizes = [512, 2048];
const group = 32;

type Shape = readonly [m: number, k: number, n: number];

const shapes: readonly Shape[] = rows.flatMap((m) =>
  sizes.flatMap((k) => sizes.map((n): Shape => [m, k, n])),
);

/** `y = a · b` with a dense f32 weight, and with a 4-bit weight in blocks of 32. */
export const linearCases: readonly MatchedCase[] = [
  ...shapes.map((shape): MatchedCase => ({
    op: 'MatMul',
    ...describe(shape),
    tolerance: 1e-4,
    make: () => denseCase(shape),
  })),
  ...shapes.map((shape): MatchedCase => ({
    op: 'MatMulNBits',
    ...describe(shape),
    tolerance: 1e-4,
    make: () => fourBitCase(shape, 0),
  })),
  // At level 4 the peer rounds the activation to int8 (and is the slower for it on software adapters): square weights do.
  ...shapes
    .filter(([, k, n]) => k === n)
    .map((shape): MatchedCase => ({
      op: 'MatMulNBits accuracy_level 4',
      ...describe(shape),
      tolerance: 3e-2,
      make: () => fourBitCase(shape, 4),
    })),
];

function describe([m, k, n]: Shape): Pick<MatchedCase, 'case' | 'flops' | 'oracle'> {
  return { case: `M ${m}, K ${k}, N ${n}`, flops: 2 * m * k * n, oracle: 'matmul' };
}

function denseCase([m, k, n]: Shape): CaseData {
  const a = normalNumbers(m * k, 1);
  const weight = normalNumbers(n * k, 2, 1 / Math.sqrt(k)); // [n, k], as a linear layer stores it
  return {
    graph: {
      nodes: [{ type: 'MatMul', inputs: ['a', 'b'], outputs: ['y'] }],
      constants: { b: { shape: [k, n], data: transpose(weight, n, k) } },
      inputs: { a: [m, k] },
      outputs: { y: [m, n] },
    },
    feeds: { a },
    ways: waysOf([m, k, n], a, packDense(weight, [n, k], 'f32'), false),
    exact: product(a, weight, [m, k, n]),
  };
}

function fourBitCase([m, k, n]: Shape, level: 0 | 4): CaseData {
  const a = normalNumbers(m * k, 3);
  const blocks = k / group;
  const normal = normalStream(4);
  const codes = Uint8Array.from({ length: n * k }, () =>
    Math.min(15, Math.max(0, Math.round(8 + 3 * normal()))),
  );
  // Values f16 can hold, since ours keeps scales as f16 and the peer's are f32.
  const scales = normalNumbers(n * blocks, 5).map((value) =>
    f16BitsToF32(f32ToF16Bits((1 + Math.abs(value)) / (4 * Math.sqrt(k)))),
  );
  const packed = packInteger({ codes, scales }, [n, k], integer({ bits: 4, group }));
  // The peer's bytes hold two neighbours of a row, the even column in the low nibble; its zero point is 8, like ours.
  const nibbles = Uint8Array.from(
    { length: (n * k) / 2 },
    (_, i) => codes[2 * i]! | (codes[2 * i + 1]! << 4),
  );
  return {
    graph: {
      nodes: [
        {
          type: 'MatMulNBits',
          domain: 'com.microsoft',
          inputs: ['a', 'b', 'scales'],
          outputs: ['y'],
          attributes: { K: k, N: n, bits: 4, block_size: group, accuracy_level: level },
        },
      ],
      constants: {
        b: { shape: [n, blocks, group / 2], data: nibbles },
        scales: { shape: [n * blocks], data: scales },
      },
      inputs: { a: [m, k] },
      outputs: { y: [m, n] },
    },
    feeds: { a },
    ways: waysOf([m, k, n], a, packed, level === 4),
    exact: product(a, dequantizeInteger(packed), [m, k, n]),
  };
}

/** gemv for few rows and matmul for any; where the peer rounds activations to int8, so may we. */
function waysOf(
  [m, k]: Shape,
  a: Float32Array,
  b: OurWay['weights'][string],
  rounds: boolean,
): readonly OurWay[] {
  return [...(m <= 16 ? ['gemv'] : []), 'matmul', ...(rounds ? ['matmul-int8'] : [])].map(
    (kernel): OurWay => ({
      kernel,
      inputs: { a: { shape: [1, m, k], data: a } },
      weights: { b },
      output: 'y',
      ...(kernel === 'matmul-int8' && { rounds: true }),
    }),
  );
}

function transpose(values: Float32Array, rowCount: number, columns: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rowCount; row++)
    for (let column = 0; column < columns; column++)
      turned[column * rowCount + row] = values[row * columns + column]!;
  return turned;
}

/** `a · bᵀ` in f64, four columns at a time. */
function product(a: Float32Array, b: Float32Array, [m, k, n]: Shape): Float64Array {
  const y = new Float64Array(m * n);
  const weight = Float64Array.from(b);
  for (let row = 0; row < m; row++) {
    const values = Float64Array.from(a.subarray(row * k, (row + 1) * k));
    for (let column = 0; column < n; column += 4) {
      let [first, second, third, fourth] = [0, 0, 0, 0];
      let at = column * k;
      for (let i = 0; i < k; i++, at++) {
        const value = values[i]!;
        first += value * weight[at]!;
        second += value * weight[at + k]!;
        third += value * weight[at + 2 * k]!;
        fourth += value * weight[at + 3 * k]!;
      }
      y.set([first, second, third, fourth], row * n + column);
    }
  }
  return y;
}
