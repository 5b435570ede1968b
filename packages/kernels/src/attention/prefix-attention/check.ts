import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { headMajor } from '../check-cases.ts';
import { prefixAttention } from './index.ts';
import { prefixAttentionReference } from './reference.ts';

/** `[batch, keys, heads, kv_heads, head_size, value_size]`. */
type Sizes = readonly [number, number, number, number, number, number];

const sized = (sizes: Sizes, rest: Omit<CheckCase, 'axes'> = {}): CheckCase => {
  const [batch, keys, heads, kv_heads, head_size, value_size] = sizes;
  return {
    ...rest,
    axes: { batch, keys, heads, kv_heads, head_size, value_size },
    options: { ...headMajor, ...rest.options },
  };
};

export const check: KernelCheck = {
  kernel: prefixAttention,
  reference: prefixAttentionReference,
  cost: ({ axes }, bytes) => ({
    bytes,
    flops: axes.batch! * axes.heads! * axes.keys! * (2 * axes.head_size! + 4 * axes.value_size! + 8),
  }),
  inputs: ({ axes, options }, random): Record<string, Uint32Array | Float32Array> => {
    const { batch, keys, heads } = axes as Readonly<Record<'batch' | 'keys' | 'heads', number>>;
    const lengths = Uint32Array.from({ length: batch }, (_, b) =>
      b === 0 ? keys : Math.floor(random() * keys) + 1,
    );
    // Sums are positive, but for the heads where nothing came before.
    const carried_sum = Float32Array.from({ length: batch * heads }, (_, row) =>
      row % 3 === 1 ? 0 : 0.5 + random(),
    );
    return { ...(options?.lengths && { lengths }), ...(options?.carry && { carried_sum }) };
  },
  cases: [
    sized([1, 1, 1, 1, 4, 4]),
    sized([2, 65, 2, 1, 8, 12], { options: { carry: true, lengths: true } }),
    sized([2, 131, 3, 1, 7, 5], { options: { carry: true, lengths: true } }),
    sized([1, 33, 4, 2, 64, 256]),
    sized([1, 200, 2, 2, 20, 67], { options: { carry: true } }),
    sized([1, 150, 2, 1, 16, 8], { name: 'values to 1e4', scale: { q: 1e4, k: 1e4, v: 1e4 } }),
    sized([6, 14, 2, 2, 8, 8], {
      name: 'columns of two grids of 14 rows and 3 columns',
      options: { softcap: 2, k_strides: 'b s b:3 h d', v_strides: 'b s b:3 h d', y_strides: 'b s b:3 h d' },
    }),
    sized([1, 64, 1, 1, 4, 4], { options: { carry: true }, scale: { carried_peak: 100 } }),
  ],
  workloads: [
    { ...sized([2, 192, 8, 8, 16, 16]), name: 'forecasting 192', model: 'Aaren', size: 'small' },
    { ...sized([1, 16_384, 8, 8, 16, 16]), name: 'stream 16384', model: 'Aaren', size: 'large' },
  ],
  // exp is good to 3 + 2|x| ULP; a running sum is rescaled and rounded once per key.
  floor: ({ axes, options }) =>
    (16 + Math.sqrt(axes.keys!)) * 2 ** -23 + Number(options?.softcap ?? 0) * 1e-5,
};
