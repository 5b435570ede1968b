import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import { largerWgsl } from '../../numbers/larger.ts';
import powerWgsl from '../../numbers/power.wgsl';
import featureMapWgsl from './feature-map.wgsl';
import headPeaksWgsl from './head-peaks.wgsl';
import { squareFeatures } from './maps.ts';

function program(problem: Problem, plan: Plan): Program {
  const { heads, size, features, scores, samples = 1, maps = 1 } = problem.axes as Record<string, number>;
  const { peak, sums, projects } = problem.options;
  const lines = times('batch', heads!);
  const rows = times(lines, 'tokens');
  const peaks = { zero: '0.0', row: 'row_peak(head, thread)', head: 'peaks_load(batch * HEADS + head)' };
  const overTokens = peak === 'head';
  const read = ['x', ...(projects ? ['projection'] : [])];
  return assemble({
    kernel: featureMap,
    problem,
    plan,
    constants: {
      HEADS: heads!,
      SIZE: size!,
      FEATURES: features!,
      SCORES: scores!,
      SAMPLES: samples,
      MAPS: maps,
      SUMS: sums === true,
      SCALE: { f32: problem.scalars.scale! },
      LOWEST: { f32: -3e38 },
      MANY: 0x3fff_ffff,
    },
    scratch: overTokens
      ? { peaks_of_rows: { sizeBytes: times(rows, 4) }, peaks: { sizeBytes: times(lines, 4) } }
      : {},
    wgsl: [
      'alias Value = f32;',
      powerWgsl,
      largerWgsl(1),
      featureMapWgsl,
      `fn decay_power(x: f32) -> f32 { return keep_nan(x, exp(max(x, -104.0))); }
fn peak_of(batch: u32, head: u32, thread: u32) -> f32 { return ${peaks[peak as keyof typeof peaks]}; }
fn projected(head: u32, i: u32) -> f32 {
  var sum = 0.0;
  for (var j = 0u; j < SIZE; j++) { sum += ${projects ? 'projection_load((head * MAPS / HEADS * SAMPLES + i) * SIZE + j)' : '0.0'} * x_at(j); }
  return sum;
}`,
      ...(overTokens ? [headPeaksWgsl] : []),
    ],
    dispatches: [
      ...(overTokens
        ? [
            { entryPoint: 'row_peaks', workgroups: rows, bindings: [...read, 'peaks_of_rows'] },
            {
              entryPoint: 'head_peaks',
              workgroups: ceilDiv(lines, 64),
              bindings: ['peaks_of_rows', 'peaks'],
              slots: [],
            },
          ]
        : []),
      { entryPoint: 'main', workgroups: rows, bindings: [...read, ...(overTokens ? ['peaks'] : []), 'y'] },
    ],
  });
}

/**
 * What a feature map that sees whole rows makes of queries and keys, for `linear-attention`: `y = map(scale · x)`.
 *
 * `x` is `[batch, tokens, heads, size]`, `y` `[batch, tokens, heads, features]`, `projection` `[maps, samples, size]` for each group of
 * heads; each f32 or f16. A `FeatureMap` says what `features`, `scores`, `sums` and `projects` are, and fills the slot `map`. The option
 * `peak` says what scores are relative to: `zero`, the largest of the `row`, or that of all tokens of a `head`.
 */
export const featureMap: Kernel<'x' | 'projection', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'feature-map',
  axes: {
    batch: 'dynamic',
    tokens: 'dynamic',
    heads: 'static',
    size: 'static',
    features: 'static',
    scores: 'static',
    maps: 'static',
    samples: 'static',
  },
  axesWhen: { maps: ['projects', true], samples: ['projects', true] },
  inputs: {
    x: ['batch', 'tokens', 'heads', 'size'],
    projection: { shape: ['maps', 'samples', 'size'], when: ['projects', true] },
  },
  outputs: { y: ['batch', 'tokens', 'heads', 'features'] },
  scalars: { scale: 1 },
  options: { peak: ['zero', 'row', 'head'], sums: [false, true], projects: [false, true] },
  // Features of a row.
  slots: { map: { default: squareFeatures.filling } },
  dtypes: ['f32', 'f16'],
  variants: [{ name: 'baseline', program }],
});
