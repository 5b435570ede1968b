import type { HostTensor } from '../../contract/weight-format.ts';
import { dense } from '../dense/format.ts';
import type { WeightExample } from '../example.ts';
import { integer } from '../integer/format.ts';
import { alignedBytes } from '../sections.ts';
import { expandNM, fieldsOf, nmCodec, packNM } from './compact.ts';
import { nm, nmFamily, type NMFormat } from './format.ts';

function tensor(
  format: NMFormat,
  shape: readonly number[],
  normal: () => number,
  examples: readonly WeightExample[],
): HostTensor {
  const [rows, columns] = shape as [number, number];
  const { n, m, values } = format;
  const inner = examples.find(({ family }) => family.family === values.family)!;
  const full = inner.tensor(values, shape, normal, examples);
  const codecs = examples.map(({ codec }) => codec);
  const fields = fieldsOf(format, codecs);
  const pruned = { ...full, bytes: new Uint8Array(full.bytes.byteLength) };
  const [first, ...shared] = values.sections(shape).sections;
  for (const { offset, sizeBytes } of shared)
    pruned.bytes.set(full.bytes.subarray(offset, offset + sizeBytes), offset);
  const row = new Uint32Array((8 * first!.rowBytes) / values.kept!.bits);
  const zeroOf = fields.zero(full);
  for (let r = 0; r < rows; r++) {
    fields.read(values, alignedBytes(full), first!.offset + r * first!.rowBytes, row);
    const kept = keepSome(columns, n, m, normal);
    kept.forEach((keep, c) => (row[c] = keep ? row[c]! : zeroOf(r, c)));
    fields.write(values, row, pruned.bytes, first!.offset + r * first!.rowBytes);
  }
  return packNM(pruned, format, codecs);
}

/** Marks `n` of each `m` neighbouring columns, at random. */
function keepSome(columns: number, n: number, m: number, normal: () => number): boolean[] {
  const kept = Array.from({ length: columns }, () => false);
  for (let start = 0; start < columns; start += m) {
    const size = Math.min(m, columns - start);
    const keys = Array.from({ length: size }, (_, i) => ({
      i,
      key: normal(),
    })).sort((a, b) => a.key - b.key);
    for (const { i } of keys.slice(0, n)) kept[start + i] = true;
  }
  return kept;
}

export const example: WeightExample<NMFormat> = {
  family: nmFamily,
  codec: nmCodec,
  formats: [
    nm({ n: 2, m: 4, values: dense('f32') }),
    nm({ n: 2, m: 4, values: dense('f16') }),
    nm({ n: 2, m: 4, values: integer({ bits: 4 }) }),
    nm({ n: 2, m: 4, values: integer({ bits: 8, zeroPoint: true }) }),
    nm({ n: 1, m: 2, values: dense('f16') }),
    nm({ n: 1, m: 16, values: dense('f32') }),
    nm({ n: 4, m: 8, values: integer({ bits: 8, zeroPoint: true }) }),
    nm({ n: 3, m: 16, values: integer({ bits: 4, group: 128 }) }),
  ],
  quantizers: [],
  tensor,
  repacked: (packed, examples) => {
    const codecs = examples.map(({ codec }) => codec);
    return packNM(expandNM(packed, codecs), packed.format as NMFormat, codecs);
  },
  rounded: (format, values, shape, examples) => {
    const columns = shape[1]!;
    const kept = values.map((value, i) => ((i % columns) % format.m < format.n ? value : 0));
    const inner = examples.find(({ family }) => family.family === format.values.family)!;
    const codecs = examples.map(({ codec }) => codec);
    return packNM(inner.rounded(format.values, kept, shape, examples), format, codecs);
  },
};
