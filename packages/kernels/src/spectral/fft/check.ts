import type { CheckCase, DrawInputs, KernelCheck } from '../../contract/check.ts';
import { cutFront, factorBack, factorFront, impulseFront, shiftBack, windowFront } from './fillings.ts';
import { lineFilter, spectrumFilter } from './filters.ts';
import { fft } from './index.ts';
import { fftReference } from './reference.ts';
import { fftForm, fftTable } from './table.ts';

/** Complex transforms of [outer, size, inner], unless `axes` says otherwise. */
const sizes = (
  [outer, size, inner]: readonly [number, number, number],
  options: CheckCase['options'] = {},
  axes: CheckCase['axes'] = {},
): CheckCase => ({
  axes: {
    outer,
    inner,
    size,
    length: size,
    bins: size,
    parts: 2,
    channels: 2,
    entries: 2 * fftForm(size).entries,
    ...axes,
  },
  options,
  ...(options.inverse || options.turns === 'round' ? { scalars: { scale: 1 / size } } : {}),
});

const windows = (input: CheckCase): CheckCase => {
  const { inner: _inner, ...axes } = input.axes;
  return { ...input, axes, options: { framed: true } };
};

/** A weight for each frequency, two rows of three outer lines and four inner lines. */
const filters = (isHalf: boolean) =>
  spectrumFilter({
    count: 6 * 3 * 4,
    outer: [
      { size: 3, stride: 4 },
      { size: 2, stride: 0 },
    ],
    inner: [{ size: 4, stride: 1 }],
    stride: 12,
    isHalf,
  });

/** The roots of a length. */
export const tables: DrawInputs = ({ axes }) => ({ roots: fftTable(axes.size!) });

export const check: KernelCheck = {
  kernel: fft,
  reference: fftReference,
  cost: ({ axes: { outer, inner = 1, frames = 1, size } }, bytes) => ({
    bytes,
    flops: 5 * outer! * inner * frames * size! * Math.ceil(Math.log2(size!)),
  }),
  cases: [
    sizes([1, 1, 1]),
    sizes([3, 2, 1], { inverse: true }),
    { ...sizes([2, 3, 5], {}, { parts: 1 }), slots: { front: cutFront(2) } },
    sizes([3, 64, 3], { turns: 'round' }),
    {
      ...sizes([2, 30, 4], {}, { length: 20, bins: 16, parts: 1 }),
      slots: { front: impulseFront(3), back: shiftBack(11) },
    },
    sizes([2, 14, 3], { half: true, inverse: true }, { length: 8, channels: 1 }),
    sizes([2, 9, 2], { half: true, inverse: true }, { length: 5, channels: 1 }),
    sizes([2, 13, 3]),
    {
      ...windows(sizes([2, 12, 1], {}, { length: 11, bins: 7, parts: 1, frames: 3, samples: 20, step: 4 })),
      slots: { front: windowFront },
    },
    {
      ...sizes([6, 10, 4], { turns: 'round' }, { parts: 1, channels: 1 }),
      slots: { between: filters(true).between },
    },
    {
      ...sizes([6, 11, 4], { half: true, inverse: true }, { length: 6, channels: 1 }),
      slots: { front: filters(true).front },
    },
    {
      ...sizes([3, 14, 5], { turns: 'round' }, { parts: 1, channels: 1 }),
      slots: { between: lineFilter({ bins: 8, isHalf: true }).between },
    },
    {
      ...sizes([2, 7, 2], {}, { parts: 1, channels: 1 }),
      slots: { front: factorFront('interleaved'), back: factorBack('own') },
    },
    {
      ...sizes([2, 16, 1], {}, { length: 9, bins: 9, parts: 1, channels: 1 }),
      slots: { front: factorFront('folded'), back: factorBack('own') },
    },
    {
      ...sizes([1, 23, 2], { inverse: true }, { parts: 1, channels: 1 }),
      slots: { front: factorFront('own'), back: factorBack('interleaved') },
    },
    sizes([1, 1021, 2], { inverse: true }),
    sizes([1, 2048, 1]),
    sizes([1, 2100, 3], { turns: 'round' }, { parts: 1, channels: 1 }),
    { ...sizes([1, 4096, 2], { inverse: true }), name: 'large values', scale: { x: 1e30 } },
    sizes([1, 4093, 1], {}, { parts: 1, bins: 2047 }),
  ],
  workloads: [
    {
      ...sizes([4, 196, 24], { turns: 'round' }),
      name: 'spectral gating, 14 by 14',
      model: 'spectformer, small',
      size: 'small',
    },
    { ...sizes([1024, 4096, 1]), name: 'long lines', model: 'hyena', size: 'large' },
    { ...sizes([1024, 1024, 1]), name: 'lines', model: 'fnet-base', size: 'large' },
    { ...sizes([64, 4093, 1]), name: 'prime lines', model: 'hyena', size: 'large' },
  ],
  inputs: tables,
  // Two roundings of a root and of a product in each of log2 stages, and four times as many where lines are longer in between.
  floor: ({ axes: { size } }) => 4 * (2 + Math.log2(size!)) * 2 ** -24,
  // A root has a part in every element of a line, and where it is multiplied by 0 it still is no number.
  spreads: ['roots', 'x'],
  // The other way round: butterflies do not multiply by a root that is 1, so that an imaginary NaN need not reach real parts.
  skips: ['x'],
};
