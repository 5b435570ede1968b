import { testKernel } from '@tilewright/tooling/test-kernel';
import type { Round } from '../../contract/check.ts';
import { check, mapCase } from './check.ts';
import type { FeatureMap } from './maps.ts';
import { featureMapOracle } from './reference.ts';

testKernel(check);

/** One that is not of the house: [exp(Wx), exp(−Wx)]. */
const bothPowers: FeatureMap = {
  features: (_, samples) => 2 * samples,
  projects: true,
  scores: () => 1,
  sums: false,
  score: () => new Float64Array(0),
  filling: {
    id: 'both-powers',
    wgsl: (slot) => `fn ${slot}_score(head: u32, i: u32) -> f32 { return 0.0; }
fn ${slot}_share(head: u32, i: u32, peak: f32) -> f32 { return 0.0; }
fn ${slot}(head: u32, i: u32, peak: f32, total: f32) -> f32 {
  let x = projected(head, i % SAMPLES);
  return power(select(x, -x, i >= SAMPLES));
}`,
    reference: (
      _: Float64Array,
      { project, round }: { readonly project: () => Float64Array; readonly round: Round },
    ) => {
      const x = project();
      return Float64Array.of(...x, ...x.map((each) => -each)).map((each) => round(Math.exp(each)));
    },
  },
};

testKernel({
  ...check,
  reference: featureMapOracle([bothPowers]),
  cases: [mapCase(bothPowers, [2, 5, 2, 7, 6, 2], 'zero', { scalars: { scale: 0.3 } })],
  workloads: [],
});
