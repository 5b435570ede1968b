// The plainest rounding to any grouped format, for tests: extreme values of a group at the ends of the codes, and of all codes the
// nearest. Quantizers do this faster, and better.
import type { HostTensor } from '../../contract/weight-format.ts';
import { encodeScales } from './encode-scales.ts';
import { type GroupedFormat } from './format.ts';
import { groupCount } from './grouping.ts';
import { decoder, groupFinder } from './numbers.ts';
import { packGrouped } from './pack.ts';
import { groupsOfRow, type Scaling } from './scaling.ts';

/** What groups are made of: their extremes, 0 among them. */
interface Extremes {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** Numbers `[rows, columns]`, where codes stand for `numbers`. */
export function roundGrouped(
  format: GroupedFormat,
  numbers: readonly number[],
  values: ArrayLike<number>,
  shape: readonly number[],
): HostTensor {
  const { rows, columns, sections } = format.sections(shape);
  const isOneList = format.places === 'flat' || format.places === 'across';
  const count = (isOneList ? 1 : rows) * groupsOfRow(format.scaling, groupCount(format, rows, columns));
  const index = sections.find(({ name }) => name === 'groups');
  const width = format.group === 'row' ? columns : format.group;
  const places = Uint16Array.from({ length: (index?.sizeBytes ?? 0) / 2 }, (_, column) =>
    column < columns ? Math.floor(column / width) : 0,
  );
  const placed = index ? { groups: new Uint8Array(places.buffer) } : {};
  const groupOf = groupFinder(format, rows, columns, placed);
  const extremes = {
    low: new Float64Array(count),
    high: new Float64Array(count),
  };
  for (let i = 0; i < rows * columns; i++) {
    const group = groupOf(Math.floor(i / columns), i % columns);
    extremes.low[group] = Math.min(extremes.low[group]!, values[i]!);
    extremes.high[group] = Math.max(extremes.high[group]!, values[i]!);
  }
  const parts = { ...placed, ...scaled(format.scaling, numbers, extremes) };
  const decode = decoder(format, parts);
  const codes = Uint8Array.from({ length: rows * columns }, (_, i) => {
    const group = groupOf(Math.floor(i / columns), i % columns);
    // Where all codes stand for the same, the one for zero.
    let best = format.zeroCode ?? 0;
    let least = Math.abs(decode(group, numbers[best]!) - values[i]!);
    for (let code = 0; code < numbers.length; code++) {
      const error = Math.abs(decode(group, numbers[code]!) - values[i]!);
      if (error < least) [best, least] = [code, error];
    }
    return best;
  });
  return packGrouped('round', { codes, sections: parts }, shape, format);
}

function scaled(
  scaling: Scaling,
  numbers: readonly number[],
  { low, high }: Extremes,
): Record<string, Uint8Array> {
  const encode = (what: string, values: ArrayLike<number>, type: Parameters<typeof encodeScales>[3]) =>
    encodeScales('round', what, values, type);
  const finite = numbers.filter(Number.isFinite);
  const [least, most] = [Math.min(...finite), Math.max(...finite)];
  const span = scaling.minimum === true || typeof scaling.zero === 'string';
  const middle = typeof scaling.zero === 'number' ? scaling.zero : 0;
  const top = span ? most - least : Math.max(most - middle, middle - least);
  const scales = Array.from(low, (from, i) => (span ? high[i]! - from : Math.max(high[i]!, -from)) / top);
  if (scaling.kind === 'unit' || scaling.kind === 'small-float') return {};
  if (scaling.kind === 'plain') {
    const { scale, zero, minimum, unit = 1 } = scaling;
    const exact = scales.map((size) =>
      scale === 'e8m0' ? 2 ** Math.max(-127, Math.ceil(Math.log2(size || 1))) : size / unit,
    );
    const stored = { scales: encode('scale', exact, scale) };
    if (typeof zero === 'number') return stored;
    if (minimum) return { ...stored, minimums: encode('minimum', low, zero) };
    const points = exact.map((size, i) => (size === 0 ? 0 : -low[i]! / (size * unit)));
    const whole = points.map((point) => Math.min(most, Math.round(point)));
    return {
      ...stored,
      'zero points': encode('zero point', zero === 'bytes' ? whole : points, zero),
    };
  }
  const { outer, inner, minimum } = scaling;
  const limit = inner === 4 ? 15 : minimum ? 63 : 127;
  const [outers, inners] = nested(scales, outer, limit);
  if (!minimum)
    return {
      scales: Uint8Array.from(inners),
      'outer scales': encode('outer scale', outers, 'f16'),
    };
  const [leastOuters, leastInners] = nested(
    Array.from(low, (value) => 0 - value),
    outer,
    limit,
  );
  const pairs = outers.flatMap((value, i) => [value, leastOuters[i]!]);
  const both = { 'outer scales': encode('outer scale', pairs, 'f16') };
  return inner === 4
    ? {
        ...both,
        scales: Uint8Array.from(inners, (value, i) => value | (leastInners[i]! << 4)),
      }
    : {
        ...both,
        scales: Uint8Array.from(inners),
        minimums: Uint8Array.from(leastInners),
      };
}

/** Sizes as whole numbers up to `limit` of what `outer` of them share. */
function nested(sizes: readonly number[], outer: number, limit: number): [number[], number[]] {
  const outers = Array.from(
    { length: sizes.length / outer },
    (_, o) => Math.max(...sizes.slice(o * outer, (o + 1) * outer)) / limit,
  );
  const inners = sizes.map((size, i) => {
    const unit = outers[Math.floor(i / outer)]!;
    return unit === 0 ? 0 : Math.round(size / unit);
  });
  return [outers, inners];
}
