import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import { unitPlans } from '../grid.ts';
import powerWgsl from '../../numbers/power.wgsl';
import deformableAttentionWgsl from './deformable-attention.wgsl';
import { type Level, levelsOf } from './levels.ts';

const workgroup = 64;

function validate(problem: Problem): void {
  levelsOf(problem);
  if (problem.axes.pair === 2) return;
  throw new TilewrightError('bad-shape', {
    subject: 'deformable-attention',
    problem: `'locations' has ${problem.axes.pair} numbers for a point`,
    requirement: 'a point is (x, y), each from 0 to 1',
    fix: "give 'locations' pairs",
  });
}

/** `fn <name>(level: u32) -> <type>`: a number of each level. */
function perLevel(
  name: string,
  type: string,
  levels: readonly Level[],
  of: (level: Level) => string,
): string {
  const cases = levels.slice(0, -1).map((level, i) => `if (level == ${i}u) { return ${of(level)}; }`);
  return `fn ${name}(level: u32) -> ${type} { ${cases.join(' ')} return ${of(levels.at(-1)!)}; }`;
}

function program(problem: Problem, plan: Plan): Program {
  const { tokens, heads, head_size: size, points } = problem.axes;
  const { sampling, weights } = problem.options;
  const levels = levelsOf(problem);
  const width = size! % 4 === 0 ? 4 : 1;
  const each = Number(plan.units);
  const chunks = Math.ceil(size! / width / each);
  return assemble({
    kernel: deformableAttention,
    problem,
    plan,
    constants: {
      WORKGROUP: workgroup,
      UNITS: size! / width,
      EACH: each,
      CHUNKS: chunks,
      HEADS: heads!,
      POINTS: points!,
      TOKENS: tokens!,
      LEVELS: levels.length,
      DISCRETE: sampling === 'discrete',
      CORNERS: sampling === 'discrete' ? 1 : 4,
      NORMALISED: weights === 'normalised',
    },
    views: { value: { width }, y: { width }, locations: { width: 2 } },
    wgsl: [
      powerWgsl,
      deformableAttentionWgsl,
      `alias Value = ${width === 4 ? 'vec4<f32>' : 'f32'};`,
      perLevel('level_size', 'vec2<u32>', levels, (level) => `vec2<u32>(${level.width}u, ${level.height}u)`),
      perLevel('level_start', 'u32', levels, (level) => `${level.start}u`),
      perLevel('level_points', 'u32', levels, (level) => `${level.points}u`),
    ],
    dispatches: [
      {
        entryPoint: 'main',
        workgroups: ceilDiv(times(times('batch', 'queries'), heads! * chunks), workgroup),
      },
    ],
  });
}

/**
 * y = Σ softmax(weights)ₚ · value(locationₚ), points on several levels.
 *
 * Multi-scale deformable attention: each query attends to a few points of its own on every level of a feature pyramid
 * (Deformable DETR, Zhu et al. 2021, arXiv 2010.04159; RT-DETRv2, Lv et al. 2024, arXiv 2407.17140).
 *
 * `value` is `[batch, tokens, heads, head_size]`, the levels one after the other, row by row; the option `levels` gives their
 * heights and widths (`'80x80 40x40 20x20'`), `points` how many points each has (`'4'`, or `'6 4 2'`). `locations`, f32
 * `[batch, queries, heads, points, 2]`, are (x, y) from 0 to 1 on their level, as `grid_sample` without `align_corners` has
 * them: (0.5 / width, 0.5 / height) is the middle of the first pixel. `weights`, `[batch, queries, heads, points]`, are
 * logits, softmax over all points of a query's head; or with the option `weights: 'normalised'` the weights themselves. `y` is
 * `[batch, queries, heads, head_size]`. `value`, `weights` and `y` are f32 or f16.
 *
 * `sampling`: `bilinear`, or `discrete`, the pixel that holds the point (RT-DETRv2's code goes half a pixel on: see the
 * README). Outside the picture are zeros, which the softmax counts; a location that is not finite is outside.
 *
 * @throws `bad-argument` for levels or counts that cannot be read, `bad-shape` for those that do not add up to the tensors.
 */
export const deformableAttention: Kernel<'value' | 'locations' | 'weights', 'y'> =
  /* @__PURE__ */ defineKernel({
    name: 'deformable-attention',
    axes: {
      batch: 'dynamic',
      tokens: 'static',
      queries: 'dynamic',
      heads: 'static',
      head_size: 'static',
      points: 'static',
      pair: 'static',
    },
    inputs: {
      value: ['batch', 'tokens', 'heads', 'head_size'],
      locations: { shape: ['batch', 'queries', 'heads', 'points', 'pair'], dtype: 'f32' },
      weights: ['batch', 'queries', 'heads', 'points'],
    },
    outputs: { y: ['batch', 'queries', 'heads', 'head_size'] },
    options: {
      levels: [''],
      points: ['4'],
      sampling: ['bilinear', 'discrete'],
      weights: ['logits', 'normalised'],
    },
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
