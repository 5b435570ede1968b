import type { KernelCheck } from '../../contract/check.ts';
import { crossEntropy } from './index.ts';
import { crossEntropyReference } from './reference.ts';

const withReference = { options: { reference: true } };

export const check: KernelCheck = {
  kernel: crossEntropy,
  reference: crossEntropyReference,
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
    { name: 'close to the reference', axes: { rows: 6, vocab: 512 }, ...withReference },
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
  inputs: ({ name, axes }, random): Record<string, Float32Array | Uint32Array> => {
    const { rows, vocab } = axes as { rows: number; vocab: number };
    // Every seventh target is padding.
    const targets = Uint32Array.from({ length: rows }, (_, i) =>
      i % 7 === 6 ? 0xffff_ffff : Math.floor(random() * vocab),
    );
    if (name !== 'close to the reference') return { targets };
    const reference = Float32Array.from({ length: rows * vocab }, () => 4 * random());
    return { targets, reference, logits: reference.map((value) => value + 0.01 * random()) };
  },
  // Sums of powers are good to a few ULP; the divergence of close rows goes with the square of differences that are
  // themselves roundings of logits a thousand times larger.
  floor: ({ name }) => (name === 'close to the reference' ? 2 ** -11 : 16 * 2 ** -23),
  exact: ['agree'],
};
