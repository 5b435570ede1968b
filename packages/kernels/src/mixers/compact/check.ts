import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { rowView } from '../../contract/row-view.ts';
import { compact } from './index.ts';
import { compactReference } from './reference.ts';

/** `part` of the tokens are kept. */
const rows = (batch: number, tokens: number, part: number, rest: Partial<CheckCase> = {}): CheckCase => ({
  axes: { batch, tokens },
  inputs: (_, random) => ({
    keep: Uint32Array.from({ length: batch * tokens }, () =>
      random() < part ? 1 + Math.floor(random() * 2 ** 31) : 0,
    ),
  }),
  ...rest,
});

export const check: KernelCheck = {
  kernel: compact,
  reference: compactReference,
  cost: (_, bytes) => ({ bytes, flops: 0 }),
  exact: ['ids', 'counts'],
  cases: [
    rows(1, 1, 1),
    rows(1, 7, 0.5),
    rows(3, 32, 0.3),
    rows(2, 33, 0.9),
    rows(1, 1031, 0.5),
    rows(2, 257, 0, { name: 'nothing is kept' }),
    rows(2, 256, 1, { name: 'all are kept' }),
    rows(1, 70_001, 0.1, { name: 'many chunks' }),
    rows(100, 65, 0.5, { name: 'many rows' }),
    rows(3, 40, 0.5, {
      views: {
        keep: rowView({ stride: 47, offset: 3, row: 8, inner: [{ size: { multipleOf: 1 }, stride: 8 }] }),
      },
      uniforms: { keep_size_0: 5 },
    }),
  ],
  workloads: [
    { ...rows(1, 512, 0.5), name: 'tokens kept', model: 'shakespeare-1m', size: 'small' },
    { ...rows(1, 32_768, 0.1), name: 'tokens kept', model: 'Llama-3.1-8B', size: 'large' },
  ],
  floor: () => 0,
};
