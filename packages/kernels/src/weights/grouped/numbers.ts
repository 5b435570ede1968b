// Numbers of a grouped tensor on the host, to the bit as the specification says.
import { checkHost } from '../check-host.ts';
import { bf16BitsToF32 } from '../../numbers/float16.ts';
import { e4m3ToF32, e8m0ToF32 } from '../../numbers/float8.ts';
import { readHalves } from '../../numbers/read-halves.ts';
import type { HostTensor } from '../../contract/weight-format.ts';
import { readCodes } from '../codes.ts';
import { alignedBytes, sectionNamed, tensorSections } from '../sections.ts';
import { type GroupedFormat } from './format.ts';
import { groupCount } from './grouping.ts';
import { groupsOfRow, type ScaleType, type ZeroType } from './scaling.ts';

/** A tensor in a format of this kind. */
export interface GroupedTensor extends HostTensor {
  readonly format: GroupedFormat;
}

/** A tensor before packing, or after unpacking. */
export interface GroupedParts {
  /** Codes `[rows, columns]`, without padding. */
  readonly codes: Uint8Array;
  /** The other sections as they are stored, by name: `scales`, `zero points`, … */
  readonly sections: Readonly<Record<string, Uint8Array>>;
}

/** Codes and sections of a tensor. Throws `bad-argument` where its bytes do not fit its format. */
export function unpackGrouped(tensor: GroupedTensor): GroupedParts {
  checkHost('unpackGrouped', { tensor });
  const { rows, columns, sections } = tensorSections('unpack', tensor);
  const bytes = alignedBytes(tensor);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
  const { rowBytes } = sectionNamed(sections, 'codes');
  const codes = new Uint8Array(rows * columns);
  const padded = new Uint8Array((8 * rowBytes) / tensor.format.bits);
  for (let r = 0; r < rows; r++) {
    readCodes(tensor.format.bits, words, (r * rowBytes) / 4, padded);
    codes.set(padded.subarray(0, columns), r * columns);
  }
  const others = sections
    .slice(1)
    .map(({ name, offset, sizeBytes }) => [name, bytes.slice(offset, offset + sizeBytes)]);
  return {
    codes,
    sections: Object.fromEntries(others) as GroupedParts['sections'],
  };
}

/** The groups of elements, by row and column, as numbers into lists of all groups. */
export function groupFinder(
  format: GroupedFormat,
  rows: number,
  columns: number,
  sections: Readonly<Record<string, Uint8Array>>,
): (row: number, column: number) => number {
  const { group, places, scaling } = format;
  const groups = groupsOfRow(scaling, groupCount(format, rows, columns));
  const width = group === 'row' ? Math.max(1, columns) : group;
  if (places === 'flat') return (row, column) => Math.floor((row * columns + column) / width);
  if (places === 'across') return (row, column) => (row * columns + column) % groups;
  if (places === 'rows') return (row, column) => row * groups + Math.floor(column / width);
  const index = new Uint16Array(sections.groups!.buffer);
  return (row, column) => row * groups + index[column]!;
}

export const scalesOf = (bytes: Uint8Array, type: ScaleType): Float32Array => {
  switch (type) {
    case 'f16':
      return readHalves(new Uint16Array(bytes.buffer));
    case 'bf16':
      return Float32Array.from(new Uint16Array(bytes.buffer), bf16BitsToF32);
    case 'f32':
      return new Float32Array(bytes.buffer);
    case 'e8m0':
      return Float32Array.from(bytes, e8m0ToF32);
  }
};

export const zerosOf = (bytes: Uint8Array, type: ZeroType): Float32Array =>
  type === 'bytes' ? Float32Array.from(bytes) : scalesOf(bytes, type);

/** How codes of a group become numbers: `numbers` are what codes stand for before zero point and scale. */
export type Decode = (group: number, number: number) => number;

const { fround } = Math;

export function decoder({ scaling }: GroupedFormat, sections: GroupedParts['sections']): Decode {
  if (scaling.kind === 'plain') {
    const scales = scalesOf(sections.scales!, scaling.scale);
    const { zero, unit = 1, minimum } = scaling;
    if (typeof zero === 'number')
      return (group, number) => fround(fround(fround(number - zero) * scales[group]!) * unit);
    const zeros = zerosOf(sections[minimum ? 'minimums' : 'zero points']!, zero);
    return minimum
      ? (group, number) => fround(fround(number * scales[group]!) + zeros[group]!)
      : (group, number) => fround(fround(fround(number - zeros[group]!) * scales[group]!) * unit);
  }
  if (scaling.kind === 'unit') return (_, number) => number;
  if (scaling.kind === 'small-float') {
    const outers = new Float32Array(sections['outer scales']!.buffer);
    const groups = sections.scales!.length / outers.length;
    return (group, number) => {
      const [scale, outer] = [e4m3ToF32(sections.scales![group]! & 127), outers[Math.floor(group / groups)]!];
      return fround(number * fround(scaling.divides ? scale / outer : scale * outer));
    };
  }
  const { outer, inner, minimum, zero } = scaling;
  const outers = readHalves(new Uint16Array(sections['outer scales']!.buffer));
  const scales = sections.scales!;
  if (!minimum) {
    const signed = new Int8Array(scales.buffer);
    return (group, number) =>
      fround(fround(outers[Math.floor(group / outer)]! * signed[group]!) * (number - zero));
  }
  const minimums = sections.minimums;
  return (group, number) => {
    const at = 2 * Math.floor(group / outer);
    const scale = inner === 4 ? scales[group]! & 15 : scales[group]!;
    const least = inner === 4 ? scales[group]! >> 4 : minimums![group]!;
    return fround(fround(fround(outers[at]! * scale) * number) - fround(outers[at + 1]! * least));
  };
}

/** The numbers of a tensor, row-major; `numbers` are what its codes stand for, exact in f32. */
export function dequantizeGrouped(tensor: GroupedTensor, numbers: ArrayLike<number>): Float32Array {
  const { codes, sections } = unpackGrouped(tensor);
  const { rows, columns } = tensor.format.sections(tensor.shape);
  const groupOf = groupFinder(tensor.format, rows, columns, sections);
  const decode = decoder(tensor.format, sections);
  const values = new Float32Array(rows * columns);
  for (let r = 0, i = 0; r < rows; r++)
    for (let c = 0; c < columns; c++, i++) values[i] = decode(groupOf(r, c), numbers[codes[i]!]!);
  return values;
}
