import { storageBytes } from '../../contract/storage-type.ts';
import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import type { OptionValue } from '../../contract/contract.ts';
import { rope, ropeTable } from './index.ts';
import { ropeReference } from './reference.ts';

type Options = Readonly<Record<string, OptionValue>>;

const shape = (
  [batch, tokens, heads, size, half]: readonly [number, number, number, number, number],
  options: Options = {},
  rows = 17,
): CheckCase => ({
  axes: {
    batch,
    tokens,
    heads,
    head_size: size,
    half,
    table_rows: options.positions === 'none' ? batch * tokens : rows,
    ...(options.table !== 'separate' && { pair: 2 }),
  },
  options,
});
const interleaved = { interleaved: true };
/** As ONNX gives angles. */
const ids = { table: 'separate' };
const rows = { table: 'separate', positions: 'none' };

export const check: KernelCheck = {
  kernel: rope,
  reference: ropeReference,
  cost: ({ axes, dtypes, options }) => {
    const { batch, tokens, heads, head_size: size, half } = axes as Record<string, number>;
    const bytes = (name: string): number => storageBytes(dtypes[name]);
    const count = batch! * tokens!;
    const angle = options.table === 'pairs' ? 8 : bytes('cosine') + bytes('sine');
    return {
      bytes:
        count * heads! * size! * (bytes('x') + bytes('y')) +
        count * (half! * angle + (options.positions === 'none' ? 0 : 4)),
      flops: 6 * count * heads! * half!,
    };
  },
  cases: [
    shape([1, 1, 1, 2, 1]),
    shape([1, 3, 2, 7, 3]),
    shape([1, 5, 3, 20, 8]),
    { name: 'partial', ...shape([2, 4, 2, 64, 12]) },
    shape([3, 11, 1, 80, 40]),
    shape([1, 1, 1, 2, 1], interleaved),
    shape([1, 3, 2, 7, 3], interleaved),
    shape([2, 5, 3, 20, 8], interleaved),
    shape([1, 5, 3, 12, 3], interleaved),
    shape([2, 3, 4, 8, 4], { ...ids, x_strides: 'bhsd', y_strides: 'bhsd' }),
    shape([2, 3, 2, 7, 3], ids),
    shape([2, 5, 3, 20, 8], rows),
    shape([1, 4, 2, 64, 12], { ...rows, x_strides: 'bhsd' }),
    shape([2, 3, 4, 8, 4], { ...ids, ...interleaved, x_strides: 'bhsd', y_strides: 'bhsd' }),
    shape([2, 3, 2, 9, 3], { ...rows, ...interleaved }),
    { name: 'large values', ...shape([1, 5, 3, 32, 16]), scale: { x: 1e4 } },
  ],
  workloads: [
    { name: 'prefill', model: 'shakespeare-1m', size: 'small', ...shape([1, 128, 4, 32, 16], {}, 128) },
    { name: 'decode', model: 'shakespeare-1m', size: 'small', ...shape([1, 1, 4, 32, 16], {}, 128) },
    { name: 'prefill 512', model: 'Llama-3.2-1B', size: 'large', ...shape([1, 512, 32, 64, 32], {}, 2048) },
  ],
  inputs: ({ axes, options }, random) => {
    const { batch, tokens, half, table_rows: rows } = axes as Record<string, number>;
    // Some lie beyond the last row.
    const positions = Uint32Array.from({ length: batch! * tokens! }, () =>
      Math.floor(random() * (rows! + 2)),
    );
    const angles = Float64Array.from({ length: rows! * half! }, () => 7 * random());
    return {
      ...(options?.positions !== 'none' && { positions }),
      ...(options?.table === 'separate'
        ? { cosine: Float32Array.from(angles, Math.cos), sine: Float32Array.from(angles, Math.sin) }
        : { cos_sin: ropeTable({ headSize: 2 * half!, positions: rows! }) }),
    };
  },
  floor: () => 0,
};
