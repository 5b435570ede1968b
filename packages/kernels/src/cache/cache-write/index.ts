import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, type Extent, times } from '../../contract/extent.ts';
import inPlaceWgsl from './in-place.wgsl';
import replaceWgsl from './replace.wgsl';

const workgroup = 64;

function program(problem: Problem, plan: Plan): Program {
  const { outer, capacity, inner } = problem.axes as Record<'outer' | 'capacity' | 'inner', number>;
  const { starts, circular, in_place: inPlace } = problem.options;
  const width = inner % 4 === 0 ? 4 : 1;
  const units = inner / width;
  const rows: Extent = inPlace ? 'tokens' : capacity;
  return assemble({
    kernel: cacheWrite,
    problem,
    plan,
    constants: {
      OUTER: outer,
      CAPACITY: capacity,
      UNITS: units,
      CIRCULAR: circular === true,
      WORKGROUP: workgroup,
    },
    views: { past: { width }, update: { width }, cache: { width } },
    wgsl: [
      inPlace ? inPlaceWgsl : replaceWgsl,
      `fn start_of(batch: u32) -> u32 { return ${starts ? 'starts_load(batch)' : '0u'}; }`,
    ],
    dispatches: [
      {
        entryPoint: 'main',
        workgroups: ceilDiv(times('batch', times(rows, outer * units)), workgroup),
      },
    ],
  });
}

/**
 * Writes a step's rows into a cache, each batch row's at its own place (ONNX `TensorScatter`, opset 24).
 *
 * `update` is `[batch, outer, tokens, inner]`, `past` and `cache` `[batch, outer, capacity, inner]`, each f32 or f16; `starts`
 * u32 `[batch]` (with `starts: false` all 0) is where a batch row's update begins. With `circular` rows beyond the
 * capacity go on from row 0; else they are left out. With `in_place` there is no `past`: the cache keeps its other rows.
 */
export const cacheWrite: Kernel<'past' | 'update' | 'starts', 'cache'> = /* @__PURE__ */ defineKernel({
  name: 'cache-write',
  summary: 'cache = past with rows start … start + tokens replaced by the update',
  axes: { batch: 'dynamic', outer: 'static', tokens: 'dynamic', capacity: 'static', inner: 'static' },
  inputs: {
    past: { shape: ['batch', 'outer', 'capacity', 'inner'], when: ['in_place', false] },
    update: ['batch', 'outer', 'tokens', 'inner'],
    starts: { shape: ['batch'], dtype: 'u32', when: ['starts', true] },
  },
  outputs: {
    cache: { shape: ['batch', 'outer', 'capacity', 'inner'], inOut: ['in_place', true] },
  },
  options: { starts: [true, false], circular: [false, true], in_place: [false, true] },
  dtypes: ['f32', 'f16'],
  validate: ({ axes: { tokens, capacity } }) => {
    if (tokens! <= capacity!) return;
    throw new TilewrightError('bad-shape', {
      subject: 'cache-write',
      problem: `an update of ${tokens} rows is written into a cache of ${capacity}`,
      requirement: 'no row may be written twice',
      fix: 'write fewer rows at a time, or give the cache more',
    });
  },
  cost: ({ axes, dtypes, options }) => {
    const { batch, outer, tokens, capacity, inner } = axes as Record<string, number>;
    const bytes = (name: string): number => (dtypes[name] === 'f16' ? 2 : 4);
    const line = batch! * outer! * inner!;
    const kept = options.in_place ? 0 : (capacity! - tokens!) * (bytes('past') + bytes('cache'));
    return { bytes: line * (tokens! * (bytes('update') + bytes('cache')) + kept), flops: 0 };
  },
  variants: [{ name: 'baseline', plans: () => [{ variant: 'baseline' }], program }],
});
