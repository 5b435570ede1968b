import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import { gridAddressWgsl, gridRows, gridSizes, gridVector, unitPlans } from '../grid.ts';
import sampleGridWgsl from './sample-grid.wgsl';

const workgroup = 64;

function validate(problem: Problem): void {
  const { axes } = problem;
  const grid = gridSizes('sample-grid', problem, axes.tokens!);
  const fail = (what: string, requirement: string, fix: string): never => {
    throw new TilewrightError('bad-shape', { subject: 'sample-grid', problem: what, requirement, fix });
  };
  if (axes.grid_axes !== grid.length)
    fail(
      `'coordinates' has ${axes.grid_axes} numbers for a place, and the grid ${grid.length} axes`,
      'a place is a number for each axis, outermost first',
      "change 'coordinates', or the option 'grid'",
    );
  if (axes.coordinate_heads !== 1 && axes.coordinate_heads !== axes.heads)
    fail(
      `'coordinates' has ${axes.coordinate_heads} heads, and x ${axes.heads}`,
      'heads have places of their own, or share one',
      "give 'coordinates' as many heads, or 1",
    );
  gridRows('sample-grid', 'x', problem, axes.tokens!);
  gridRows('sample-grid', 'y', problem, axes.samples!);
}

function program(problem: Problem, plan: Plan): Program {
  const { tokens, samples, heads, head_size: size, coordinate_heads: coordinateHeads } = problem.axes;
  const grid = gridSizes('sample-grid', problem, tokens!);
  const width = size! % 4 === 0 ? 4 : 1;
  const each = Number(plan.units);
  const chunks = Math.ceil(size! / width / each);
  const numbers = grid.map((_, axis) => `coordinates_load(first + ${axis}u)`);
  return assemble({
    kernel: sampleGrid,
    problem,
    plan,
    constants: {
      WORKGROUP: workgroup,
      UNITS: size! / width,
      EACH: each,
      CHUNKS: chunks,
      HEADS: heads!,
      COORDINATE_HEADS: coordinateHeads!,
      AXES: grid.length,
      CORNERS: 2 ** grid.length,
      NEAREST: problem.options.sampling === 'nearest',
    },
    views: { x: { width }, y: { width } },
    wgsl: [
      sampleGridWgsl,
      `alias Value = ${width === 4 ? 'vec4<f32>' : 'f32'};`,
      `const SIZES = ${gridVector('u32', grid, 1)};`,
      `fn coordinates_at(first: u32) -> vec3<f32> { return vec3<f32>(${[...Array<string>(3 - grid.length).fill('0.0'), ...numbers].join(', ')}); }`,
      gridAddressWgsl('x_at', gridRows('sample-grid', 'x', problem, tokens!), width),
      gridAddressWgsl('y_at', gridRows('sample-grid', 'y', problem, samples!), width, 'params.samples'),
    ],
    dispatches: [
      {
        entryPoint: 'main',
        workgroups: ceilDiv(times(times('batch', 'samples'), heads! * chunks), workgroup),
      },
    ],
  });
}

/**
 * y = x at fractional places of a grid, linearly or nearest, zero outside.
 *
 * Reads a grid of tokens at fractional places: keys and values of windows whose size and place are learned (VSA, Zhang et
 * al. 2022, arXiv 2204.08446), samples of deformable attention in one, two or three dimensions.
 *
 * `x` is `[batch, tokens, heads, head_size]` on a grid whose axes the option `grid` gives, outermost first (`'8x14x14'`);
 * `coordinates` f32 `[batch, samples, coordinate_heads, grid_axes]`, in tokens and in the order of the axes: (2, 3.5) lies in
 * row 2, between columns 3 and 4. `coordinate_heads` is `heads`, or 1 where all heads read the same places. `y` is
 * `[batch, samples, heads, head_size]`. `x` and `y` are f32 or f16.
 *
 * `sampling`: `linear` (bilinear, trilinear), or `nearest`, halves upwards. Outside the grid are zeros; a place that is not
 * finite is outside. `x_strides` and `y_strides` are memory orders as attention has them.
 *
 * @throws `bad-argument`, and `bad-shape` for a grid or coordinates that do not fit the tensors.
 */
export const sampleGrid: Kernel<'x' | 'coordinates', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'sample-grid',
  axes: {
    batch: 'dynamic',
    tokens: 'static',
    samples: 'dynamic',
    heads: 'static',
    head_size: 'static',
    coordinate_heads: 'static',
    grid_axes: 'static',
  },
  inputs: {
    x: { shape: ['batch', 'tokens', 'heads', 'head_size'], order: { option: 'x_strides', letters: 'bshd' } },
    coordinates: { shape: ['batch', 'samples', 'coordinate_heads', 'grid_axes'], dtype: 'f32' },
  },
  outputs: {
    y: {
      shape: ['batch', 'samples', 'heads', 'head_size'],
      order: { option: 'y_strides', letters: 'bshd' },
    },
  },
  options: { grid: [''], sampling: ['linear', 'nearest'], x_strides: ['bshd'], y_strides: ['bshd'] },
  dtypes: ['f32', 'f16'],
  validate,
  variants: [
    {
      name: 'baseline',
      plans: ({ axes }, capabilities) =>
        unitPlans(axes.head_size! / (axes.head_size! % 4 === 0 ? 4 : 1), capabilities),
      program,
    },
  ],
});
