import type { Oracle } from '../../contract/check.ts';
import { pairwiseSum } from '../../numbers/pairwise-sum.ts';
import {
  cosSinFeatures,
  type FeatureMap,
  type FeatureRowReference,
  positiveFeatures,
  softmaxFeatures,
  squareFeatures,
  taylor2Features,
} from './maps.ts';

const maps = [softmaxFeatures, cosSinFeatures, positiveFeatures, squareFeatures, taylor2Features];

/** The oracle, with further maps whose scores it may have to compare. */
export const featureMapOracle =
  (others: readonly FeatureMap[] = []): Oracle =>
  ({ axes, options, scalars, inputs, slots, round }) => {
    const { batch, tokens, heads, size, features, samples = 0 } = axes as Record<string, number>;
    const reference = slots.map as FeatureRowReference;
    const { score } = [...maps, ...others].find(({ filling }) => filling.reference === reference)!;
    const rowOf = (at: number): Float64Array =>
      inputs.x!.slice(at * size!, (at + 1) * size!).map((x) => round(scalars.scale! * x));
    const projectOf = (row: Float64Array, head: number) => (): Float64Array =>
      Float64Array.from({ length: samples }, (_, i) => {
        const from = (Math.floor((head * axes.maps!) / heads!) * samples + i) * size!;
        return pairwiseSum(
          row.map((x, j) => round(x * inputs.projection![from + j]!)),
          round,
        );
      });
    const most = (at: number): number =>
      Math.max(...score(rowOf(at), projectOf(rowOf(at), at % heads!), round));
    const y = new Float64Array(batch! * tokens! * heads! * features!);
    for (let at = 0; at < batch! * tokens! * heads!; at++) {
      const head = at % heads!;
      const first = Math.floor(at / heads! / tokens!) * tokens!;
      const all = Array.from({ length: tokens! }, (_, token) => (first + token) * heads! + head);
      const peak =
        options.peak === 'zero' ? 0 : options.peak === 'row' ? most(at) : Math.max(...all.map(most));
      const row = rowOf(at);
      y.set(reference(row, { project: projectOf(row, head), peak, round }), at * features!);
    }
    return { y };
  };

export const featureMapReference: Oracle = featureMapOracle();
