// Rounding to the numbers of a table, with a scale for each group.
import { TilewrightError } from '../../contract/errors.ts';
import { checkOptions } from '../../contract/check-options.ts';
import type { Quantizer } from '../../contract/quantizer.ts';
import type { HostTensor } from '../../contract/weight-format.ts';
import { bf16BitsToF32, f32ToBf16Bits, scaleInF16 } from '../../numbers/float16.ts';
import { codeBytes } from '../code-bytes.ts';
import type { GroupedFormat } from './format.ts';
import { nearestIn } from './nearest-code.ts';
import type { ScaleType } from './scaling.ts';
import type { TableParts } from './table-pack.ts';

/** The scale of a group. */
export interface TableGrid {
  /** Exact in the format's type; 0 where every number of the group is stored as zero. */
  readonly scale: number;
}

export interface TableQuantizerOptions {
  /** Columns that share a scale. */
  readonly group?: number;
  /**
   * `extreme` (the default): the largest magnitude of a group becomes the largest number. `search`: of that scale and smaller
   * ones, the one with the least squared error.
   */
  readonly scale?: 'extreme' | 'search';
}

/** Factors on the extreme scale that a search tries. */
const searchFactors: readonly number[] = Array.from({ length: 11 }, (_, i) => 0.5 + i / 20);

/** A scale as its type stores it. Of powers of two the one that gives the largest magnitude the exponent of the largest number. */
function stored(type: ScaleType, largest: number, top: number): number {
  const scale = largest / top;
  if (type === 'f16') return scaleInF16(scale);
  if (type === 'bf16') return bf16BitsToF32(f32ToBf16Bits(scale));
  if (type === 'f32') return Math.fround(scale);
  if (largest === 0) return 1;
  return 2 ** Math.min(127, Math.max(-127, Math.floor(Math.log2(largest)) - Math.floor(Math.log2(top))));
}

interface TableRounding {
  readonly subject: string;
  /** With the default group. */
  readonly name: string;
  /** Columns that share a scale where options say nothing. */
  readonly group: number;
  readonly format: (group: number) => GroupedFormat;
  /** What codes stand for. */
  readonly numbers: readonly number[];
  readonly pack: (parts: TableParts, shape: readonly number[], format: GroupedFormat) => HostTensor;
}

/** Rounds to a table. Throws `bad-format` for an impossible format, `bad-argument` for another `scale` or option. */
export function tableQuantizer(
  { subject, numbers, pack, ...family }: TableRounding,
  options: TableQuantizerOptions,
): Quantizer<TableGrid> {
  checkOptions(subject, options, ['group', 'scale']);
  const { scale = 'extreme', group = family.group } = options;
  const format = family.format(group);
  if (scale !== 'extreme' && scale !== 'search') {
    throw new TilewrightError('bad-argument', {
      subject,
      problem: `scale is '${String(scale)}'`,
      requirement: "it is 'extreme' or 'search'",
      fix: 'give one of these, or leave it out',
    });
  }
  const { scaling } = format;
  const type = scaling.kind === 'plain' ? scaling.scale : 'f32';
  const nearestNumber = nearestIn(numbers);
  const top = Math.max(...numbers.filter(Number.isFinite).map(Math.abs));
  const zero = format.zeroCode ?? 0;
  const valueOf = (grid: TableGrid, code: number): number => numbers[code]! * grid.scale;
  const nearest = (grid: TableGrid, value: number): number =>
    grid.scale === 0 ? zero : nearestNumber(value / grid.scale);
  const errorOf = (
    grid: TableGrid,
    values: Float64Array,
    start: number,
    count: number,
    costs?: Float64Array,
  ): number => {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const value = values[start + i]!;
      sum += (costs === undefined ? 1 : costs[i]!) * (value - valueOf(grid, nearest(grid, value))) ** 2;
    }
    return sum;
  };
  return Object.freeze({
    name: group === family.group ? family.name : format.name,
    format,
    span: group,
    lanes: 1,
    limit: type === 'f16' ? 65_504 * top : 2 ** 120 * top,
    fit: (values, start, count, costs) => {
      let largest = 0;
      for (let i = start; i < start + count; i++) largest = Math.max(largest, Math.abs(values[i]!));
      let best: TableGrid = { scale: stored(type, largest, top) };
      if (scale === 'extreme') return best;
      let least = errorOf(best, values, start, count, costs);
      for (const factor of searchFactors) {
        const grid = { scale: stored(type, factor * largest, top) };
        const error = errorOf(grid, values, start, count, costs);
        if (error < least) [best, least] = [grid, error];
      }
      return best;
    },
    nearest: (grid, values, at) => nearest(grid, values[at]!),
    value: valueOf,
    zero: () => zero,
    pack: (codes, grids, shape) =>
      pack(
        {
          codes: codeBytes(codes),
          scales: Float32Array.from(grids, (grid) => grid.scale),
        },
        shape,
        format,
      ),
  } satisfies Quantizer<TableGrid>);
}
