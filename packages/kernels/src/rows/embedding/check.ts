import { formatBytes } from '../../weights/sections.ts';
import { storageBytes } from '../../contract/storage-type.ts';
import type { KernelCheck } from '../../contract/check.ts';
import { rowView } from '../../contract/row-view.ts';
import { dense } from '../../weights/dense/format.ts';
import { integer } from '../../weights/integer/format.ts';
import { nm } from '../../weights/n-m/format.ts';
import { embedding } from './index.ts';
import { embeddingReference } from './reference.ts';

const slabs = (rows: number) => ({ indexed: 'slabs', slab_rows: rows });

export const check: KernelCheck = {
  kernel: embedding,
  reference: embeddingReference,
  cost: (problem) => {
    const { tokens, vocab, hidden } = problem.axes as { tokens: number; vocab: number; hidden: number };
    const row = formatBytes(problem.formats.table ?? dense('f32'), [vocab, hidden]) / vocab;
    return {
      bytes: tokens * (row + 4 + hidden * storageBytes(problem.dtypes.y)),
      flops: tokens * hidden,
    };
  },
  cases: [
    { axes: { tokens: 1, vocab: 1, hidden: 1 } },
    { axes: { tokens: 7, vocab: 11, hidden: 5 }, scalars: { scale: 8 } },
    { axes: { tokens: 5, vocab: 13, hidden: 132 } },
    { name: 'f16', axes: { tokens: 3, vocab: 17, hidden: 67 }, formats: { table: dense('f16') } },
    { name: 'f16', axes: { tokens: 3, vocab: 17, hidden: 128 }, formats: { table: dense('f16') } },
    { name: 'int8', axes: { tokens: 9, vocab: 29, hidden: 96 }, formats: { table: integer({ bits: 8 }) } },
    {
      name: 'int4',
      axes: { tokens: 9, vocab: 29, hidden: 100 },
      formats: { table: integer({ bits: 4, group: 64, zeroPoint: true }) },
    },
    { name: 'int3', axes: { tokens: 9, vocab: 29, hidden: 45 }, formats: { table: integer({ bits: 3 }) } },
    {
      name: '2:4 of int4',
      axes: { tokens: 4, vocab: 7, hidden: 64 },
      formats: { table: nm({ n: 2, m: 4, values: integer({ bits: 4 }) }) },
    },
    {
      name: 'a part',
      axes: { tokens: 23, vocab: 11, hidden: 7 },
      options: { first_row: 40 },
    },
    {
      name: 'a part that keeps the others',
      axes: { tokens: 23, vocab: 11, hidden: 12 },
      options: { first_row: 4_000_000_000, others: 'keep' },
      formats: { table: integer({ bits: 8 }) },
    },
    { name: 'many workgroups', axes: { tokens: 4_300_000, vocab: 3, hidden: 1 }, dtypes: { y: 'f32' } },
    { axes: { tokens: 7, vocab: 5, hidden: 12 }, views: { y: rowView({ stride: 18, offset: 2 }) } },
    {
      axes: { tokens: 5, vocab: 5, hidden: 7 },
      options: { others: 'keep' },
      views: { y: rowView({ stride: 9, offset: 1 }) },
    },
    { name: 'slabs', axes: { tokens: 21, vocab: 33, hidden: 5, indices: 7 }, options: slabs(11) },
    { name: 'slabs', axes: { tokens: 60, vocab: 12, hidden: 1, indices: 20 }, options: slabs(4) },
    {
      name: 'slabs',
      axes: { tokens: 10, vocab: 26, hidden: 8, indices: 5 },
      options: slabs(13),
      formats: { table: dense('f16') },
      dtypes: { y: 'f16' },
    },
  ],
  workloads: [
    {
      name: 'prefill',
      model: 'shakespeare-1m',
      size: 'small',
      axes: { tokens: 128, vocab: 1024, hidden: 128 },
    },
    { name: 'decode', model: 'shakespeare-1m', size: 'small', axes: { tokens: 1, vocab: 1024, hidden: 128 } },
    {
      name: 'prefill 512, f16',
      model: 'Llama-3.2-1B',
      size: 'large',
      axes: { tokens: 512, vocab: 128_256, hidden: 2048 },
      formats: { table: dense('f16') },
    },
  ],
  inputs: ({ axes, options }, random) => {
    const { tokens, vocab, indices } = axes as Record<'tokens' | 'vocab' | 'indices', number>;
    if (options?.indexed === 'slabs') {
      // From the end, from the start, and beyond either.
      const rows = Number(options.slab_rows);
      const strange = [-1, rows, -rows, -rows - 1];
      return {
        ids: Uint32Array.from(
          { length: indices },
          (_, i) => (i % 3 === 1 ? strange[(i / 3) & 3] : undefined) ?? Math.floor(random() * rows),
        ),
      };
    }
    const first = Number(options?.first_row ?? 0);
    // Some are beyond the table: the row before its first, the one after its last, and the largest number there is.
    const strangers = [Math.max(0, first - 1), first + vocab, 0xffff_ffff];
    const draw = (_: unknown, i: number): number =>
      (i % 5 === 3 ? strangers[i % 3] : undefined) ?? first + Math.floor(random() * vocab);
    return { ids: Uint32Array.from({ length: tokens }, draw) };
  },
  // Decoding a quantized value rounds its product with the scale once more than the oracle does.
  floor: () => 2 ** -23,
};
