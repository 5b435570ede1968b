import { storageBytes } from '../../contract/storage-type.ts';
import type { DrawInputs, KernelCheck } from '../../contract/check.ts';
import { rowView } from '../../contract/row-view.ts';
import { crossEntropy } from './index.ts';
import { crossEntropyReference } from './reference.ts';

const withReference = { options: { reference: true } };

/** Rows that differ little. */
const closeRows: DrawInputs = ({ axes }, random) => {
  const reference = Float32Array.from({ length: axes.rows! * axes.vocab! }, () => 4 * random());
  return { reference, logits: reference.map((value) => value + 0.01 * random()) };
};

export const check: KernelCheck = {
  kernel: crossEntropy,
  reference: crossEntropyReference,
  cost: ({ axes, dtypes, options }) => {
    const { rows, vocab } = axes as { rows: number; vocab: number };
    const bytes = (name: string): number => rows * vocab * storageBytes(dtypes[name]);
    return {
      bytes: bytes('logits') + 8 * rows + (options.reference ? bytes('reference') + 8 * rows : 0),
      flops: rows * vocab * (options.reference ? 14 : 4),
    };
  },
  cases: [
    { axes: { rows: 1, vocab: 1 } },
    { axes: { rows: 7, vocab: 11 }, ...withReference },
    { axes: { rows: 3, vocab: 128 } },
    { axes: { rows: 5, vocab: 1021 }, ...withReference },
    { axes: { rows: 2, vocab: 1028 }, ...withReference },
    { axes: { rows: 70_001, vocab: 4 } },
    {
      name: 'large values',
      axes: { rows: 4, vocab: 257 },
      scale: { logits: 1e4, reference: 1e4 },
      ...withReference,
    },
    {
      name: 'close to the reference',
      axes: { rows: 6, vocab: 512 },
      ...withReference,
      inputs: closeRows,
      // The divergence of close rows goes with the square of differences that are themselves roundings of logits a
      // thousand times larger.
      floor: 2 ** -11,
    },
    {
      axes: { rows: 4, vocab: 132 },
      ...withReference,
      views: { logits: rowView({ stride: 135, offset: 1 }), reference: rowView({ stride: 136, offset: 4 }) },
    },
  ],
  workloads: [
    {
      name: 'held-out window',
      model: 'shakespeare-1m',
      size: 'small',
      axes: { rows: 128, vocab: 1024 },
      ...withReference,
    },
    { name: 'window', model: 'Llama-3.2-1B', size: 'large', axes: { rows: 128, vocab: 128_256 } },
    {
      name: 'window, divergence',
      model: 'Llama-3.2-1B',
      size: 'large',
      axes: { rows: 128, vocab: 128_256 },
      ...withReference,
    },
  ],
  // Every seventh target is padding.
  inputs: ({ axes }, random) => ({
    targets: Uint32Array.from({ length: axes.rows! }, (_, i) =>
      i % 7 === 6 ? 0xffff_ffff : Math.floor(random() * axes.vocab!),
    ),
  }),
  // Sums of powers are good to a few ULP.
  floor: () => 16 * 2 ** -23,
  exact: ['agree'],
};
