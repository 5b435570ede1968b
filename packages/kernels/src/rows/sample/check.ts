import { storageBytes } from '../../contract/storage-type.ts';
import type { CheckCase, DrawInputs, KernelCheck } from '../../contract/check.ts';
import { rowView } from '../../contract/row-view.ts';
import { advanceEmit, logitEmit, sample } from './index.ts';
import { sampleOracle } from './reference.ts';

const uniforms = (
  temperature: number,
  topK = 0,
  topP = 1,
  seed = 7,
  counter = 3,
): Required<Pick<CheckCase, 'uniforms'>> => ({
  uniforms: { temperature, top_k: topK, top_p: topP, seed, counter },
});

/** Logits of four values. */
const equals: DrawInputs = ({ axes }, random) => ({
  logits: Float32Array.from({ length: axes.rows! * axes.vocab! }, () => Math.floor(4 * random())),
});

export const check: KernelCheck = {
  kernel: sample,
  reference: sampleOracle,
  cost: ({ axes, dtypes }) => {
    const { rows, vocab } = axes as { rows: number; vocab: number };
    return { bytes: rows * (vocab * storageBytes(dtypes.logits) + 4), flops: 4 * rows * vocab };
  },
  cases: [
    { name: 'one token', axes: { rows: 1, vocab: 1 }, ...uniforms(1) },
    { name: 'greedy', axes: { rows: 5, vocab: 131 }, ...uniforms(0) },
    { name: 'temperature 1', axes: { rows: 33, vocab: 127 }, ...uniforms(1) },
    { name: 'temperature 0.7, top-k 5', axes: { rows: 17, vocab: 257 }, ...uniforms(0.7, 5) },
    { name: 'top-p 0.9', axes: { rows: 17, vocab: 1021 }, ...uniforms(1.3, 0, 0.9) },
    {
      name: 'top-k 40, top-p 0.5',
      axes: { rows: 9, vocab: 1024 },
      ...uniforms(1, 40, 0.5, 0xffff_ffff, 0xffff_ffff),
    },
    { name: 'top-k beyond the vocabulary, top-p 0', axes: { rows: 3, vocab: 50 }, ...uniforms(1, 99, 0) },
    { name: 'equals', axes: { rows: 21, vocab: 3001 }, inputs: equals, ...uniforms(1, 3, 0.75) },
    { name: 'equals, greedy', axes: { rows: 3, vocab: 300 }, inputs: equals, ...uniforms(0) },
    { name: 'large values', axes: { rows: 5, vocab: 200 }, scale: { logits: 1e4 }, ...uniforms(800) },
    { name: 'advance', axes: { rows: 2, vocab: 96 }, slots: { emit: advanceEmit }, ...uniforms(1) },
    { name: 'two parts', axes: { rows: 1, vocab: 16_387 }, ...uniforms(1, 1000, 0.95) },
    {
      name: 'equals in parts, advance',
      axes: { rows: 2, vocab: 33_000 },
      slots: { emit: advanceEmit },
      inputs: equals,
      ...uniforms(1.5),
    },
    { name: 'parts, greedy', axes: { rows: 2, vocab: 20_000 }, ...uniforms(0) },
    {
      axes: { rows: 3, vocab: 516 },
      views: { logits: rowView({ stride: 0, offset: { multipleOf: 4 } }) },
      ...uniforms(0),
      uniforms: { ...uniforms(0).uniforms, logits_offset: 516 },
    },
    { name: 'logit', axes: { rows: 3, vocab: 130 }, slots: { emit: logitEmit }, ...uniforms(0.9) },
  ],
  workloads: [
    {
      name: 'decode',
      model: 'shakespeare-1m',
      size: 'small',
      axes: { rows: 1, vocab: 1024 },
      ...uniforms(0.8, 50, 0.95),
    },
    {
      name: 'decode',
      model: 'Llama-3.2-1B',
      size: 'large',
      axes: { rows: 1, vocab: 128_256 },
      ...uniforms(0.8, 50, 0.95),
    },
    {
      name: 'decode, greedy',
      model: 'Llama-3.2-1B',
      size: 'large',
      axes: { rows: 1, vocab: 128_256 },
      ...uniforms(0),
    },
  ],
  inputs: ({ axes, slots }, random): Record<string, Uint32Array> => {
    const rows = axes.rows!;
    const counted = (count: number): Uint32Array =>
      Uint32Array.from({ length: count }, () => Math.floor(100 * random()));
    return slots?.emit === advanceEmit
      ? { 'emit.positions': counted(2 * rows), 'emit.lengths': counted(rows) }
      : {};
  },
  floor: () => 0,
  exact: ['ids', 'emit.logit', 'emit.positions', 'emit.lengths'],
};
