import { TilewrightError } from '../contract/errors.ts';
import { writeCodes } from './codes.ts';
import type { HostTensor, NMLayout } from '../contract/layout.ts';
import {
  checkParts,
  expectLength,
  paddingCode,
  writeFloats,
  writeScales,
  type IntegerParts,
} from './pack.ts';
import { layoutSections, positionBits, type LayoutSections } from './sections.ts';

/**
 * An N:M sparse matrix from its full form: numbers `[rows, columns]` for f32 and f16 values, codes with scales for
 * integer values (a code equal to its zero counts as zero). At most `n` of each `m` neighbouring columns may differ
 * from zero.
 *
 * @throws `bad-argument` for a group with more, for numbers where the layout wants codes or the reverse, and
 * everything that {@link packInteger} and {@link packDense} refuse.
 */
export function packNM(
  source: Float32Array | IntegerParts,
  shape: readonly number[],
  layout: NMLayout,
): HostTensor {
  const sections = layoutSections(layout, shape);
  const { rows, columns } = sections;
  const bytes = new Uint8Array(sections.sizeBytes);
  const words = new Uint32Array(bytes.buffer);
  const { values } = layout;
  if (source instanceof Float32Array !== (values.kind === 'dense')) {
    throw new TilewrightError('bad-argument', {
      subject: 'packNM',
      problem:
        source instanceof Float32Array ? 'numbers for integer values' : 'codes and scales for dense values',
      requirement: 'integer values take codes and scales, dense values a Float32Array',
    });
  }
  if (source instanceof Float32Array) {
    expectLength('packNM', 'values', source.length, rows * columns);
    const kept = keptColumns(sections, layout, words, (i) => source[i] !== 0);
    const numbers = new Float32Array(kept.length);
    kept.forEach((from, to) => (numbers[to] = from < 0 ? 0 : source[from]!));
    writeFloats('packNM', numbers, values.kind === 'dense' && values.dtype === 'f16' ? 'f16' : 'f32', bytes);
  } else if (values.kind === 'integer') {
    checkParts('packNM', source, sections, values);
    const zeroOf = (row: number, column: number): number =>
      paddingCode(
        source,
        values,
        values.zeroPoint ? row * sections.groups + Math.floor(column / values.group) : 0,
      );
    const kept = keptColumns(
      sections,
      layout,
      words,
      (i, row, column) => source.codes[i] !== zeroOf(row, column),
    );
    const codes = new Uint8Array(sections.keptColumns);
    for (let r = 0; r < rows; r++) {
      for (let k = 0; k < codes.length; k++) {
        const i = kept[r * codes.length + k]!;
        codes[k] = i < 0 ? zeroOf(r, Math.floor(k / layout.n) * layout.m) : source.codes[i]!;
      }
      writeCodes(values.bits, codes, words, (r * sections.values.rowBytes) / 4);
    }
    writeScales(source, sections, bytes);
  }
  return { layout, shape, bytes };
}

/**
 * Chooses the stored columns of every group, writes their positions, and returns, for each kept value in storage
 * order, its index in the full matrix, or -1 in padding.
 */
function keptColumns(
  sections: LayoutSections,
  { n, m }: NMLayout,
  words: Uint32Array,
  isKept: (index: number, row: number, column: number) => boolean,
): Int32Array {
  const { rows, columns, paddedColumns, positions } = sections;
  const bits = positionBits(m);
  const kept = new Int32Array(rows * sections.keptColumns);
  let next = 0;
  for (let r = 0; r < rows; r++) {
    const rowWord = (positions!.offset + r * positions!.rowBytes) / 4;
    for (let start = 0; start < paddedColumns; start += m) {
      let chosen = 0;
      let count = 0;
      for (let c = start; c < Math.min(start + m, columns); c++) {
        if (!isKept(r * columns + c, r, c)) continue;
        chosen |= 1 << (c - start);
        count++;
      }
      if (count > n) {
        throw new TilewrightError('bad-argument', {
          subject: 'packNM',
          problem: `row ${r} has ${count} values that are not zero in columns ${start} to ${Math.min(start + m, columns) - 1}`,
          requirement: `${n}:${m} keeps at most ${n}`,
          fix: 'prune the matrix to this pattern first',
        });
      }
      for (let p = 0; count < n; p++) {
        if ((chosen >> p) & 1) continue;
        chosen |= 1 << p;
        count++;
      }
      for (let p = 0; p < m; p++) {
        if (!((chosen >> p) & 1)) continue;
        const bit = (next - r * sections.keptColumns) * bits;
        const w = rowWord + (bit >> 5);
        words[w] = words[w]! | (p << (bit & 31));
        kept[next++] = start + p < columns ? r * columns + start + p : -1;
      }
    }
  }
  return kept;
}
