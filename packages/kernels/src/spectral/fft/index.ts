import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { times } from '../../contract/extent.ts';
import { fourierPasses } from '../passes.ts';
import chirpWgsl from './chirp.wgsl';
import linesWgsl from './lines.wgsl';
import plainWgsl from './plain.wgsl';
import { fftSlots } from './slots.ts';
import { fftForm } from './table.ts';
import { validate } from './validate.ts';

export { fftForm, fftLoads, fftSize, fftTable, type FftForm } from './table.ts';

type FftPlan = Plan & { readonly workgroup: number };

function program(problem: Problem, plan: Plan): Program {
  const { size, length, bins, step, parts, channels, inner } = problem.axes as Record<string, number>;
  const { inverse, turns, half, framed } = problem.options;
  const { fourier, chirp } = fftForm(size!);
  const isReal = { x: parts === 1, y: channels === 1 };
  const passes = fourierPasses(
    {
      fourier,
      isRound: turns === 'round' || chirp !== undefined,
      sign: 'SIGN',
      lines: framed ? times('outer', 'frames') : times('outer', 'inner'),
      isInside: !framed && inner! > 1,
      bindings: { enter: ['x'], amid: [], leave: ['y'] },
      slots: { enter: ['front'], amid: chirp ? [] : ['between'], leave: ['back'] },
    },
    (plan as FftPlan).workgroup,
  );
  return assemble({
    kernel: fft,
    problem,
    plan,
    constants: {
      SIZE: size!,
      LENGTH: length!,
      BINS: bins!,
      HALF: half === true,
      SCALE: { f32: problem.scalars.scale! },
      ...(framed && { STEP: step! }),
      ...(chirp && { CHIRP: chirp.from, SPECTRUM: chirp.spectrum }),
      ...passes.constants,
    },
    views: { x: { width: isReal.x ? 1 : 2 }, y: { width: isReal.y ? 1 : 2 }, roots: { width: 2 } },
    scratch: passes.scratch,
    wgsl: [
      linesWgsl,
      chirp ? chirpWgsl : plainWgsl,
      `const SIGN = ${inverse ? '1.0' : '-1.0'};
fn inner_lines() -> u32 { return ${framed ? '1u' : 'params.inner'}; }
fn line_count() -> u32 { return params.outer * ${framed ? 'params.frames' : 'params.inner'}; }
fn place_of(line: u32, n: u32, count: u32) -> u32 {
  return (line / inner_lines() * count + n) * inner_lines() + line % inner_lines();
}
fn x_place(line: u32, n: u32) -> u32 {
  return ${framed ? 'line / params.frames * params.samples + line % params.frames * STEP + n' : 'place_of(line, n, LENGTH)'};
}
fn y_place(line: u32, k: u32) -> u32 { return place_of(line, k, BINS); }
fn x_at(i: u32) -> vec2<f32> { return ${isReal.x ? 'vec2<f32>(x_load(i), 0.0)' : 'x_load(i)'}; }
fn y_put(i: u32, z: vec2<f32>) { y_store(i, ${isReal.y ? 'z.x' : 'z'}); }`,
      ...passes.wgsl,
    ],
    dispatches: passes.dispatches,
  });
}

/**
 * Discrete Fourier transforms of lines, `y_k = scale · Σ_n x_n e^{∓2πi nk/size}`, of any length: radices 2 to 8 in the memory of a workgroup, as a
 * matrix beyond 2,048 points, as a convolution with a chirp where a prime above 7 divides the length (Bluestein 1970).
 *
 * `x` is `[outer, length, inner, parts]` and `y` `[outer, bins, inner, channels]`, each f32 or f16: complex with 2 numbers to an element, real
 * with 1, of which the result is the real part. Elements beyond `length` are 0, and of a spectrum the first `bins` are stored. With `half`, x is
 * the first `length` of size / 2 + 1 bins whose others are conjugate. With `framed`, lines are windows of `length` samples, `step` apart, of
 * rows `[outer, samples, parts]`, and `y` is `[outer, frames, bins, channels]`. `roots` is `fftTable(size)`. `inverse` is the sign of the
 * exponent. With `turns` `round` the transform is followed by its inverse, and the slot `between` sees the spectrum; the scale is then of both.
 * The slots `front` and `back` see elements of x and of y.
 */
export const fft: Kernel<'x' | 'roots', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'fft',
  axes: {
    outer: 'dynamic',
    inner: 'dynamic',
    frames: 'dynamic',
    samples: 'dynamic',
    step: 'static',
    size: 'static',
    length: 'static',
    bins: 'static',
    parts: 'static',
    channels: 'static',
    entries: 'static',
  },
  axesWhen: {
    inner: ['framed', false],
    frames: ['framed', true],
    samples: ['framed', true],
    step: ['framed', true],
  },
  inputs: {
    x: {
      shape: ['outer', 'length', 'inner', 'parts'],
      shapeWhen: ['framed', true, ['outer', 'samples', 'parts']],
    },
    roots: { shape: ['entries'], dtype: 'f32' },
  },
  outputs: {
    y: {
      shape: ['outer', 'bins', 'inner', 'channels'],
      shapeWhen: ['framed', true, ['outer', 'frames', 'bins', 'channels']],
    },
  },
  scalars: { scale: 1 },
  options: {
    inverse: [false, true],
    turns: ['one', 'round'],
    half: [false, true],
    framed: [false, true],
  },
  slots: fftSlots,
  dtypes: ['f32', 'f16'],
  validate,
  variants: [
    {
      name: 'baseline',
      // A CPU runs a workgroup on one thread.
      plans: (_, { software }) => (software ? [32, 64] : [256, 128]).map((workgroup) => ({ workgroup })),
      program,
    },
  ],
});
