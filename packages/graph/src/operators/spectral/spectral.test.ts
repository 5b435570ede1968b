// Transforms along axes as nodes of a graph, on the device under test against what they mean in f64. Errors are of the largest value, as
// transforms mix all of a line. Their published vectors are run by `npm run conformance`.
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NodeCase, runNode } from '../../oracle/run-node.ts';
import { meanings } from '../../registry.ts';
import { dct } from './dct.ts';
import { dft } from './dft.ts';
import { dwt } from './dwt.ts';
import { fourierTransform } from './fourier-transform.ts';
import { hadamardTransform } from './hadamard-transform.ts';
import { idwt } from './idwt.ts';
import { spectralFilter } from './spectral-filter.ts';
import { stft } from './stft.ts';

const cases: readonly (NodeCase & { readonly calls?: number; readonly bound?: number })[] = [
  { operator: hadamardTransform, inputs: { x: ['n', 4, 64] }, calls: 1 },
  { operator: hadamardTransform, inputs: { x: [2, 12, 'n'] }, attributes: { axis: 1 }, calls: 1 },
  {
    operator: hadamardTransform,
    inputs: { x: [3, 120] },
    attributes: { block: 40, inverse: 1, norm: 'backward' },
    calls: 1,
  },
  { operator: hadamardTransform, inputs: { x: [48, 2] }, attributes: { axis: 0, block: 8 }, dtype: 'f16' },
  { operator: hadamardTransform, inputs: { x: [2, 0, 3] }, attributes: { axis: 1 } },
  { operator: dft, inputs: { input: ['n', 30, 4, 2] }, attributes: { axis: 1 }, calls: 1 },
  { operator: dft, inputs: { input: [2, 'n', 31, 1] }, attributes: { onesided: 1 }, calls: 1 },
  { operator: dft, inputs: { input: [3, 12, 1], dft_length: { known: [20] } }, calls: 1 },
  { operator: dft, inputs: { input: [3, 12, 2], dft_length: { known: [7] } }, attributes: { inverse: 1 } },
  { operator: dft, inputs: { input: ['n', 9, 2, 2] }, attributes: { axis: 1, inverse: 1, onesided: 1 } },
  {
    operator: dft,
    inputs: { input: [5, 2, 2], dft_length: { known: [9] }, axis: { known: [0] } },
    attributes: { inverse: 1, onesided: 1 },
  },
  { operator: dft, inputs: { input: [2, 1021, 1] } },
  { operator: dft, inputs: { input: [2, 3, 1] }, dtype: 'f16' },
  { operator: dft, inputs: { input: [0, 3, 1] } },
  { operator: stft, inputs: { signal: ['n', 50, 1], frame_step: { known: [7] }, window: [15] }, calls: 1 },
  {
    operator: stft,
    inputs: { signal: [2, 40, 2], frame_step: { known: [20] }, frame_length: { known: [8] } },
    attributes: { onesided: 0 },
    calls: 1,
  },
  ...[1, 2, 3, 4].flatMap((type): NodeCase[] => [
    { operator: dct, inputs: { x: ['n', 13] }, attributes: { type } },
    { operator: dct, inputs: { x: [2, 16, 3] }, attributes: { type, axis: 1, norm: 'ortho', inverse: 1 } },
    { operator: dct, inputs: { x: [2, 2] }, attributes: { type, inverse: 1 } },
  ]),
  { operator: dct, inputs: { x: [1, 4093] }, attributes: { type: 3 } },
  { operator: dct, inputs: { x: [3, 40] }, dtype: 'f16' },
  {
    operator: spectralFilter,
    inputs: { x: ['n', 30, 4], W: [16, 4, 2] },
    attributes: { axes: [1] },
    calls: 1,
  },
  {
    operator: spectralFilter,
    inputs: { x: ['n', 31, 4], W: [16, 1, 2] },
    attributes: { axes: [1] },
    calls: 2,
  },
  {
    operator: spectralFilter,
    inputs: { x: [2, 14, 14, 3], W: [14, 8, 3, 2] },
    attributes: { axes: [1, 2] },
    calls: 3,
  },
  {
    operator: spectralFilter,
    inputs: { x: ['n', 11, 13, 2], W: [11, 7, 1, 2] },
    attributes: { axes: [1, 2] },
    calls: 4,
  },
  {
    operator: spectralFilter,
    inputs: { x: [5, 6, 7, 2], W: [5, 1, 4, 2, 2] },
    attributes: { axes: [1, 0, -2] },
    calls: 5,
  },
  {
    operator: spectralFilter,
    inputs: { x: [2, 8, 6], W: [5, 6, 2] },
    attributes: { axes: [1] },
    dtype: 'f16',
  },
  {
    operator: spectralFilter,
    inputs: { x: [6, 8], W: [4, 8, 2] },
    attributes: { axes: [-1, -2] },
    dtype: 'f16',
  },
  {
    operator: fourierTransform,
    inputs: { x: [2, 4096, 2], W: [2, 4096, 2] },
    attributes: { axis: 1, size: 4096, from: 'complex', to: 'complex', bins: 100, round: 1, scale: 1 / 4096 },
    calls: 1,
  },
  { operator: dwt, inputs: { x: ['n', 3, 37] }, attributes: { wavelet: 'db5' }, calls: 1 },
  { operator: dwt, inputs: { x: [2, 'n'], lowpass: [6], highpass: [6] }, calls: 1 },
  { operator: stft, inputs: { signal: [2, 'n', 1], frame_step: { known: [1] }, window: [1] }, calls: 1 },
  { operator: idwt, inputs: { low: [2, 'n'], high: [2, 'n'] }, attributes: { wavelet: 'db3' }, calls: 1 },
  { operator: dwt, inputs: { x: [4, 1] }, attributes: { wavelet: 'haar' } },
  { operator: dwt, inputs: { x: [2, 0] }, attributes: { wavelet: 'db8' } },
  { operator: idwt, inputs: { low: ['n', 9], high: ['n', 9] }, attributes: { wavelet: 'db8' }, calls: 1 },
  { operator: idwt, inputs: { low: [2, 5], high: [2, 5], lowpass: [2], highpass: [2] }, dtype: 'f16' },
];

describe.skipIf(testProfile.compileOnly)('transforms', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());
  test.each(cases.map((each) => [each.operator.name, each.inputs, each.attributes ?? {}, each] as const))(
    '%s of %j, %j',
    async (_, inputs, attributes, { calls, bound = 1e-6, ...node }) => {
      const { results, calls: made } = await runNode(opened.device, meanings, node);
      for (const [role, { got, wants }] of Object.entries(results))
        for (const want of wants) {
          const most = want.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
          const worst = want.reduce((off, value, i) => Math.max(off, Math.abs(got[i]! - value)), 0);
          expect(got.length).toBe(want.length);
          const allowed = (node.dtype === 'f16' ? 1e-3 : bound) * most;
          expect([role, inputs, attributes, worst <= allowed || [worst, allowed]]).toEqual([
            role,
            inputs,
            attributes,
            true,
          ]);
        }
      if (calls !== undefined) expect(made).toBe(calls);
    },
  );
});
