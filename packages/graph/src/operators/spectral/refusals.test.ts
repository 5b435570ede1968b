// What transforms say of inputs and attributes that do not fit. No GPU.
import { isTilewrightError } from '@tilewright/kernels';
import { expect, test } from 'vitest';
import { extentScope } from '../../extent/index.ts';
import { inferNode } from '../../infer-node.ts';
import type { Attribute, Operator, ValueType } from '../../ir.ts';
import { dct } from './dct.ts';
import { dft } from './dft.ts';
import { dwt } from './dwt.ts';
import { hadamardTransform } from './hadamard-transform.ts';
import { idwt } from './idwt.ts';
import { spectralFilter } from './spectral-filter.ts';
import { stft } from './stft.ts';

const f32 = (...shape: ValueType['shape']): ValueType => ({ dtype: 'f32', shape });
const u32 = (...shape: ValueType['shape']): ValueType => ({ dtype: 'u32', shape });

/** A number that is known, 8. */
const known: ValueType = { dtype: 'i32', shape: [1] };

type Refusal = readonly [
  operator: Operator,
  inputs: Readonly<Record<string, ValueType>>,
  attributes: Readonly<Record<string, Attribute>>,
  message: string,
];

const refusals: readonly Refusal[] = [
  [hadamardTransform, { x: u32(2, 8) }, {}, "bad-dtype: [node] 'x' is u32; it must be f32 or f16."],
  [
    hadamardTransform,
    { x: f32(2, 28) },
    {},
    'bad-graph: [node] its blocks have 28 elements; they have 1, 12 or 20 times a power of two.',
  ],
  [
    hadamardTransform,
    { x: f32(2, 64) },
    { block: 12 },
    'bad-graph: [node] an axis of 64 has blocks of 12; blocks divide the axis.',
  ],
  [
    hadamardTransform,
    { x: f32(2, 'n') },
    {},
    "bad-graph: [node] 'x' has shape [n]; the size 'n' must be a number here.",
  ],
  [
    hadamardTransform,
    { x: f32(2, 8) },
    { axis: 2 },
    "bad-graph: [node] the attribute 'axis' is 2; of 2 dimensions it must be an integer from -2 to 1.",
  ],
  [
    dft,
    { input: f32(2, 8, 3) },
    {},
    "bad-graph: [node] the last axis of 'input' is 3; numbers are real (1) or complex (2).",
  ],
  [
    dft,
    { input: f32(2, 8, 2) },
    { axis: 2 },
    'bad-graph: [node] the axis is 2; it is not that of the parts of a number, the last one.',
  ],
  [
    dft,
    { input: f32(2, 8, 2) },
    { onesided: 1 },
    'bad-graph: [node] it is onesided, of complex numbers; the spectrum of complex numbers has two sides.',
  ],
  [
    dft,
    { input: f32(2, 8, 1) },
    { onesided: 1, inverse: 1 },
    'bad-graph: [node] it is onesided, of real numbers; its inverse takes complex bins.',
  ],
  [dft, { input: f32(2, 0, 1) }, {}, 'bad-graph: [node] it transforms 0 points; there must be one or more.'],
  [
    dft,
    { input: f32(2, 4_194_301, 1) },
    {},
    'bad-graph: [node] it transforms 4194301 points; plans reach 4194304, and half of that where a prime above 7 divides the length.',
  ],
  [
    stft,
    { signal: f32(2, 40, 1), frame_step: known },
    {},
    "bad-graph: [node] there is neither 'window' nor 'frame_length'; one says how long a frame is.",
  ],
  [
    stft,
    { signal: f32(2, 40, 2), frame_step: known, window: f32(8) },
    {},
    'bad-graph: [node] it is onesided, of complex samples; their spectrum has two sides.',
  ],
  [
    stft,
    { signal: f32(2, 40, 1), frame_step: known, frame_length: known, window: f32(9) },
    {},
    "bad-graph: [node] 'window' has shape [9]; a frame has 8 samples.",
  ],
  [
    stft,
    { signal: f32(2, 7, 1), frame_step: known, frame_length: known },
    {},
    "bad-graph: [node] 'signal' has shape [2, 7, 1]; a frame has 8 samples.",
  ],
  [dct, { x: f32(2, 1) }, { type: 1 }, 'bad-graph: [node] an axis has 1 element; type 1 needs two or more.'],
  [
    dct,
    { x: f32(2, 4) },
    { type: 5 },
    "bad-graph: [node] the attribute 'type' is 5; it must be 1 or 2 or 3 or 4.",
  ],
  [
    dwt,
    { x: f32(2, 8) },
    { wavelet: 'sym4' },
    "bad-graph: [node] the attribute 'wavelet' is sym4; it must be haar or db2 or db3 or db4 or db5 or db6 or db7 or db8.",
  ],
  [
    dwt,
    { x: f32(2, 8) },
    {},
    'bad-graph: [node] its wavelet is not named, with no filter; it has a name, or both filters.',
  ],
  [
    dwt,
    { x: f32(2, 8), lowpass: f32(4) },
    {},
    "bad-graph: [node] its wavelet is not named, with 'lowpass'; it has a name, or both filters.",
  ],
  [
    dwt,
    { x: f32(2, 8), lowpass: f32(4), highpass: f32(4) },
    { wavelet: 'db2' },
    "bad-graph: [node] its wavelet is db2, with 'lowpass' and 'highpass'; it has a name, or both filters.",
  ],
  [
    idwt,
    { low: f32(2, 8), high: f32(2, 8), lowpass: f32(3), highpass: f32(4) },
    {},
    'bad-graph: [node] its filters have 3 and 4 taps; they have the same even number.',
  ],
  [
    idwt,
    { low: f32(2, 8), high: f32(2, 9) },
    { wavelet: 'haar' },
    "bad-graph: [node] 'high' has shape [2, 9]; it must be [2, 8], that of 'low'.",
  ],
  [
    spectralFilter,
    { x: f32(2, 8, 3), W: f32(8, 3, 2) },
    { axes: [1] },
    "bad-graph: [node] 'W' has shape [8, 3, 2]; it is complex, a last axis of 2, and broadcasts to [2, 5, 3].",
  ],
  [
    spectralFilter,
    { x: f32(2, 8, 3), W: f32(5, 3, 2) },
    { axes: [1, -2] },
    'bad-graph: [node] its axes are 1, -2; each is named once, one or more.',
  ],
];

test.each(refusals)('%s refuses %j, %j', (operator, inputs, attributes, message) => {
  let refused = 'accepted';
  try {
    const names = Object.fromEntries(Object.keys(inputs).map((role) => [role, role]));
    inferNode('node', operator, names, attributes, {
      values: inputs,
      contents: Object.fromEntries(
        Object.entries(inputs).flatMap(([role, type]) => (type === known ? [[role, [8]]] : [])),
      ),
      scalars: new Set(),
      extents: extentScope({ n: { max: 64 } }),
    });
  } catch (error) {
    if (isTilewrightError(error)) refused = `${error.code}: ${error.message}`;
    else throw error;
  }
  expect(refused).toBe(message);
});
