import type { OperatorMeaning } from '../meaning.ts';
import { featureMap } from './feature-map.ts';

const exp = (x: number): number => Math.exp(x);

/** Features of one head's row; `peak` is what exponents are relative to. */
const mapsOf: Readonly<Record<string, (x: number[], projected: number[], peak: number) => number[]>> = {
  softmax: (x, _, peak) => {
    const total = x.reduce((sum, each) => sum + exp(each - peak), 0);
    return x.map((each) => exp(each - peak) / total);
  },
  cos_sin: (_, z) => [...z.map(Math.cos), ...z.map(Math.sin)].map((each) => each / Math.sqrt(z.length)),
  positive: (x, z, peak) => scoresOf.positive!(x, z).map((each) => exp(each - peak) / Math.sqrt(z.length)),
  taylor2: (x) => [1, ...x, ...pairs(x).map((each) => each / Math.SQRT2)],
  square: (x) => pairs(x),
};

const pairs = (x: number[]): number[] => x.flatMap((a) => x.map((b) => a * b));

/** What peaks are of. */
const scoresOf: Readonly<Record<string, (x: number[], projected: number[]) => number[]>> = {
  softmax: (x) => x,
  positive: (x, z) => z.map((each) => each - x.reduce((sum, a) => sum + a * a, 0) / 2),
};

export const featureMapMeaning: OperatorMeaning = {
  operator: featureMap,
  meaning: ({ attributes, has, value, shape }) => {
    const { map, peak } = attributes as { readonly map: string; readonly peak: string };
    const [heads, scale] = [Number(attributes.heads), Number(attributes.scale)];
    const [batch, tokens, width] = shape('x') as [number, number, number];
    const size = width / heads;
    const rows = Array.from({ length: batch * tokens * heads }, (_, at) => {
      const x = Array.from(value('x').subarray(at * size, (at + 1) * size), (each) => scale * each);
      if (!has('projection')) return { x, z: [] };
      const [groups, samples] = shape('projection') as [number, number, number];
      const group = Math.floor(((at % heads) * groups) / heads);
      const z = Array.from({ length: samples }, (__, i) =>
        x.reduce((sum, each, j) => sum + each * value('projection')[(group * samples + i) * size + j]!, 0),
      );
      return { x, z };
    });
    const largest = rows.map(({ x, z }) => Math.max(...(scoresOf[map]?.(x, z) ?? [0])));
    const peakOf = (at: number): number => {
      if (peak === 'zero') return 0;
      if (peak === 'row') return largest[at]!;
      const inHead = (other: number): boolean =>
        other % heads === at % heads &&
        Math.floor(other / heads / tokens) === Math.floor(at / heads / tokens);
      return Math.max(...largest.filter((_, other) => inHead(other)));
    };
    return {
      y: Float64Array.from(rows.flatMap(({ x, z }, at) => mapsOf[map]!(x, z, peakOf(at)))),
    };
  },
};
