// Random tensors of tables, for tests and benches.
import type { HostTensor } from '../../contract/weight-format.ts';
import type { WeightExample } from '../example.ts';
import { encodeScales } from './encode-scales.ts';
import { type GroupedFormat } from './format.ts';
import { groupCount } from './grouping.ts';
import { groupsOfRow } from './scaling.ts';
import { unpackGrouped } from './numbers.ts';
import { packGrouped } from './pack.ts';

/** A number of each code, drawn near the middle of them, and scales of a size that makes the numbers about unit size. */
export function randomGrouped(
  format: GroupedFormat,
  shape: readonly number[],
  normal: () => number,
  code: () => number,
  top: number,
): HostTensor {
  const { rows, columns, sections } = format.sections(shape);
  const { scaling, places } = format;
  const isOneList = places === 'flat' || places === 'across';
  const groups = groupsOfRow(scaling, groupCount(format, rows, columns));
  const count = (isOneList ? 1 : rows) * groups;
  const size = (): number => (1 + Math.abs(normal())) / (top * Math.sqrt(Math.max(1, columns)));
  const powers = (): number => 2 ** Math.round(Math.log2(size()));
  const bytes = (length: number, most: number): Uint8Array =>
    Uint8Array.from({ length }, () => Math.min(most, Math.floor(Math.abs(normal()) * (most / 3))));
  const list = (length: number, draw: () => number): Float32Array => Float32Array.from({ length }, draw);
  const parts: Record<string, Uint8Array> = {};
  const encode = (name: string, values: Float32Array, type: Parameters<typeof encodeScales>[3]): void => {
    parts[name] = encodeScales('example', name.slice(0, -1), values, type);
  };
  if (scaling.kind === 'plain') {
    encode('scales', list(count, scaling.scale === 'e8m0' ? powers : size), scaling.scale);
    const { zero } = scaling;
    if (typeof zero === 'string' && scaling.minimum)
      encode(
        'minimums',
        list(count, () => (-size() * top) / 2),
        zero,
      );
    else if (zero === 'bytes') parts['zero points'] = bytes(count, 2 ** format.bits - 1);
    else if (typeof zero === 'string')
      encode(
        'zero points',
        list(count, () => 2 ** (format.bits - 1) + normal()),
        zero,
      );
  }
  if (scaling.kind === 'small-float') {
    parts.scales = bytes(count, 126);
    encode(
      'outer scales',
      list(rows, () => (scaling.divides ? 64 / size() : size() / 64)),
      'f32',
    );
  }
  if (scaling.kind === 'nested') {
    const outers = (count / scaling.outer) * (scaling.minimum ? 2 : 1);
    parts.scales = bytes(count, scaling.inner === 4 || !scaling.minimum ? 255 : 63);
    if (scaling.minimum && scaling.inner === 8) parts.minimums = bytes(count, 63);
    encode(
      'outer scales',
      list(outers, () => size() / 32),
      'f16',
    );
  }
  for (const { name, sizeBytes } of sections.slice(1))
    if (name === 'groups')
      parts.groups = new Uint8Array(
        Uint16Array.from({ length: sizeBytes / 2 }, (_, column) =>
          column < columns ? (column * 7) % groups : 0,
        ).buffer,
      );
    else if (name === 'numbers') encode('numbers', list(sizeBytes / 4, normal), 'f32');
  const codes = Uint8Array.from({ length: rows * columns }, code);
  return packGrouped('example', { codes, sections: parts }, shape, format);
}

/** Unpacked and packed again. */
export const repackedGrouped: WeightExample['repacked'] = ({ format, ...tensor }) => {
  const grouped = { ...tensor, format: format as GroupedFormat };
  return packGrouped('example', unpackGrouped(grouped), tensor.shape, grouped.format);
};
