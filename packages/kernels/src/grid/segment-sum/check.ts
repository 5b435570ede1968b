import type { CheckCase, DrawInputs, KernelCheck } from '../../contract/check.ts';
import { segmentSum } from './index.ts';
import { segmentSumReference } from './reference.ts';

/** `[batch, heads, lists, tokens, segments, channels]`. */
type ShortSizes = readonly [number, number, number, number, number, number];

const shape = (sizes: ShortSizes, rest: Partial<CheckCase> = {}): CheckCase => {
  const [batch, heads, lists, tokens, segments, channels] = sizes;
  // Head by head, as keys and values of caches lie.
  const options = { x_strides: 'bhsd', y_strides: 'bhsd', ...rest.options };
  return { ...rest, axes: { batch, heads, lists, tokens, segments, channels }, options };
};

const lastSegment: DrawInputs = ({ axes }) => ({
  assignment: new Uint32Array(axes.batch! * axes.lists! * axes.tokens!).fill(axes.segments! - 1),
});

export const check: KernelCheck = {
  kernel: segmentSum,
  reference: segmentSumReference,
  cost: ({ axes }, bytes) => ({ bytes, flops: axes.batch! * axes.heads! * axes.tokens! * axes.channels! }),
  cases: [
    shape([1, 1, 1, 1, 1, 1]),
    shape([2, 2, 2, 70, 5, 4], { options: { counts: true } }),
    shape([1, 3, 1, 129, 131, 7], { options: { operation: 'mean', counts: true } }),
    shape([2, 3, 1, 64, 3, 20], { options: { operation: 'mean', x_strides: 'bshd' } }),
    shape([2, 2, 2, 200, 64, 12], { options: { counts: true, x_strides: 'bshd', y_strides: 'bshd' } }),
    shape([1, 2, 2, 1021, 2, 5], {
      name: 'values to 1e4',
      scale: { x: 1e4 },
      options: { operation: 'mean' },
    }),
    shape([1, 1, 1, 67, 65, 8], {
      name: 'nothing but one segment',
      options: { counts: true },
      inputs: lastSegment,
    }),
  ],
  workloads: [
    { name: 'blocks of keys', model: 'shakespeare-1m', size: 'small', ...shape([1, 4, 1, 128, 8, 32]) },
    { name: 'clusters of keys', model: 'RITA', size: 'large', ...shape([1, 8, 8, 8192, 256, 64]) },
  ],
  // A tenth of the tokens belongs to no segment, by either of two numbers.
  inputs: ({ axes }, random) => {
    const { batch, lists, tokens, segments } = axes as Record<string, number>;
    return {
      assignment: Uint32Array.from({ length: batch! * lists! * tokens! }, () =>
        random() < 0.1 ? (random() < 0.5 ? 0xffff_ffff : segments!) : Math.floor(random() * segments!),
      ),
    };
  },
  // A segment is summed in order where the oracle sums by halves; the error of n random terms grows like √n.
  floor: ({ axes }) => Math.sqrt(axes.tokens!) * 2 ** -23,
  exact: ['counts'],
};
