// What dropping neurons and heads share: groups of columns go where they contribute least, and the rest makes up for them.
import {
  compressState,
  gramStatistic,
  type GramStatistics,
  outputEnergy,
  perWeight,
  requiredGram,
} from '@tilewright/compression';
import { type HostTensor, selectRows, unpack, type WeightCodec } from '@tilewright/kernels/weights';
import { packF32 } from '@tilewright/kernels/weights/dense';
import { feedOf } from '../calibrate/compress.ts';
import type { EditContext } from './edit.ts';
import { withoutColumns } from './without-columns.ts';

/** A place where groups of columns can go. */
export interface ColumnSite {
  /** The weight `[rows, columns]` that reads them. */
  readonly reader: string;
  /** Columns that go together. */
  readonly group: number;
  /** Weights whose rows are groups in the same order, and vectors of their numbers: how many rows a group has. */
  readonly makers: ReadonlyMap<string, number>;
}

/**
 * Drops `count` groups of columns at every site: those with the least energy of the outputs that they make. Returns the weights that
 * changed.
 */
export async function dropColumns(
  name: string,
  { device, opened, windows, codecs, signal }: EditContext,
  sites: readonly ColumnSite[],
  count: number,
): Promise<Map<string, HostTensor>> {
  const changed = new Map<string, HostTensor>();
  const byReader = new Map(sites.map((site) => [site.reader, site]));
  const { model, weights } = opened;
  // Weights stay as they are meanwhile: all sites are measured in the model as it was.
  const measuring = perWeight(name, [gramStatistic], (input) => {
    const { group, makers } = byReader.get(input.name)!;
    const statistics = requiredGram(name, input);
    const values = unpack(input.tensor, codecs);
    const groups = statistics.columns / group;
    const energies = Array.from({ length: groups }, (_, g) =>
      groupEnergy(values, statistics, g * group, group),
    );
    const kept = Array.from({ length: groups }, (_, g) => g)
      .toSorted((a, b) => energies[b]! - energies[a]! || a - b)
      .slice(0, groups - count)
      .toSorted((a, b) => a - b);
    const columns = membersOf(kept, group);
    const left = withoutColumns(name, values, statistics, columns);
    changed.set(input.name, packF32(left, [input.tensor.shape[0]!, columns.length]));
    for (const [maker, size] of makers)
      changed.set(maker, selected(weights.get(maker)!, membersOf(kept, size), codecs));
    return input.tensor;
  });
  await compressState(device, model, weights, measuring, {
    codecs,
    feeds: windows.map(feedOf),
    select: (weight) => byReader.has(weight),
    ...(signal && { signal }),
  });
  return changed;
}

const membersOf = (groups: readonly number[], size: number): number[] =>
  groups.flatMap((group) => Array.from({ length: size }, (_, i) => group * size + i));

/** The squared size of what some columns add to the outputs. */
function groupEnergy(
  values: Float32Array,
  { gram, columns, samples }: GramStatistics,
  start: number,
  size: number,
): number {
  const rows = values.length / columns;
  const part = new Float64Array(rows * size);
  const partGram = new Float64Array(size * size);
  for (let i = 0; i < part.length; i++)
    part[i] = values[Math.floor(i / size) * columns + start + (i % size)]!;
  for (let i = 0; i < partGram.length; i++)
    partGram[i] = gram[(start + Math.floor(i / size)) * columns + start + (i % size)]!;
  return outputEnergy(part, { gram: partGram, columns: size, samples });
}

const selected = (
  tensor: HostTensor,
  rows: readonly number[],
  codecs: readonly WeightCodec[],
): HostTensor => {
  if (tensor.shape.length === 2)
    return selectRows(
      tensor,
      rows.map((row) => [row, row + 1] as const),
    );
  const values = unpack(tensor, codecs);
  return packF32(
    Float32Array.from(rows, (row) => values[row]!),
    [rows.length],
  );
};
