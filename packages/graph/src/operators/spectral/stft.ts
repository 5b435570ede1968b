import { type Extent, times } from '@tilewright/kernels';
import { fft, fftForm } from '@tilewright/kernels/fft';
import { windowFront } from '@tilewright/kernels/fillings';
import { extentAlgebra, isAtMost, printShape } from '../../extent/index.ts';
import type { InferContext, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dimensionOf, dtypesOf } from '../requests.ts';
import { oneNumber } from '../shape/known.ts';
import { badNode, elementType, floats, inferredContext, numbersOf, rank } from '../shapes.ts';
import { isEmpty } from './axis-lines.ts';
import { checkLength, tableOf } from './fourier-request.ts';

/**
 * ONNX `STFT` (opset 17): the Fourier transform of windows of a signal, `frame_step` samples apart. `signal` is `[batch, samples, 1 or 2]` in f32 or
 * f16, real or complex, `window` `[frame_length]`, `output` `[batch, frames, bins, 2]`, of real signals the bins up to half of a frame unless
 * `onesided` is 0. As many windows as fit. Step and length are known while a graph is built; the length may be the window's.
 */
export const stft: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'STFT',
  inputs: [
    { name: 'signal', kind: 'required' },
    { name: 'frame_step', kind: 'required', known: true },
    { name: 'window', kind: 'optional' },
    { name: 'frame_length', kind: 'optional', known: true },
  ],
  attributes: { onesided: { type: 'integer', default: 1, choices: [0, 1] } },
  infer: (context) => {
    const { signal } = context.inputs;
    const { frames, bins } = sizesOf(context);
    return { output: { dtype: signal!.dtype, shape: [signal!.shape[0]!, frames, bins, 2] } };
  },
  lower: (node, context) => {
    const { signal, window } = node.inputs;
    const output = node.outputs.output!;
    if (isEmpty(context, output)) return undefined;
    const sizes = sizesOf(inferredContext(node, context));
    const { frames, step, length, parts, bins } = sizes;
    const [outer, samples] = [dimensionOf(context, signal!, 0), dimensionOf(context, signal!, 1)];
    const floats = { x: signal!, y: output, ...(window && { 'front.window': window }) };
    return {
      kernels: [fft],
      problem: {
        axes: {
          outer: context.planned(outer),
          frames: context.planned(frames),
          samples: context.planned(samples),
          step,
          size: length,
          length,
          bins,
          parts,
          channels: 2,
          entries: 2 * fftForm(length).entries,
        },
        dtypes: dtypesOf(context, floats),
        options: { framed: true },
        ...(window && { slots: { front: windowFront } }),
      },
      bindings: { ...floats, roots: tableOf(context, length) },
      sizes: { outer, frames, samples },
      flops: times(times(outer, frames), 5 * length * Math.ceil(Math.log2(length) || 1)),
    };
  },
});

function sizesOf(context: InferContext<{ readonly onesided: number }>): {
  readonly frames: Extent;
  readonly step: number;
  readonly length: number;
  readonly parts: number;
  readonly bins: number;
} {
  const { subject, inputs, attributes, extents } = context;
  const { signal, window } = inputs;
  elementType(subject, 'signal', signal!, floats);
  rank(subject, 'signal', signal!, 3);
  const [parts] = numbersOf(subject, 'signal', signal!.shape.slice(-1)) as [number];
  if (parts !== 1 && parts !== 2)
    throw badNode(subject, `the last axis of 'signal' is ${parts}`, 'samples are real (1) or complex (2)');
  if (parts === 2 && attributes.onesided === 1)
    throw badNode(subject, 'it is onesided, of complex samples', 'their spectrum has two sides');
  if (window) {
    elementType(subject, 'window', window, floats);
    rank(subject, 'window', window, 1);
  }
  const [taps] = window ? numbersOf(subject, 'window', window.shape) : [];
  const [step, length] = [oneNumber(context, 'frame_step')!, oneNumber(context, 'frame_length') ?? taps];
  if (length === undefined)
    throw badNode(subject, "there is neither 'window' nor 'frame_length'", 'one says how long a frame is');
  if (!(step > 0 && length > 0))
    throw badNode(subject, `its frames have ${length} samples, ${step} apart`, 'both must be one or more');
  if (taps !== undefined && taps !== length)
    throw badNode(
      subject,
      `'window' has shape ${printShape(window!.shape)}`,
      `a frame has ${length} samples`,
    );
  checkLength(subject, length);
  const [, samples] = signal!.shape as [Extent, Extent];
  if (isAtMost(extents, length, samples) !== 'yes')
    throw badNode(
      subject,
      `'signal' has shape ${printShape(signal!.shape)}`,
      `a frame has ${length} samples`,
    );
  const { sum, floorQuotient } = extentAlgebra(extents.symbols);
  return {
    frames: sum(floorQuotient(sum(samples, -length), step), 1),
    step,
    length,
    parts,
    bins: attributes.onesided === 1 ? Math.floor(length / 2) + 1 : length,
  };
}
