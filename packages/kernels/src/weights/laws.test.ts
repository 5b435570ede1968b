// What every weight format must do, one test for all of them: formats bring examples, and nothing here knows any by name.
import { describe, expect, test } from 'vitest';
import type { FormatRecord, HostTensor } from '../contract/weight-format.ts';
import { normalStream } from '../numbers/philox.ts';
import {
  bitsPerWeight,
  concatRows,
  formatBytes,
  permuteRows,
  readFormat,
  selectColumns,
  selectRows,
  tensorSections,
  unpack,
} from './index.ts';
import {
  randomWeight,
  roundedWeight,
  weightCodecs,
  weightExamples,
  weightFamilies,
} from '../weight-registry.ts';

const formats = weightExamples.flatMap((example) => example.formats.map((format) => ({ example, format })));

/** Shapes around the blocks of a format: one column, one less, a block, one more, several and a rest. */
const shapesOf = (block: number): number[][] => [
  [3, 1],
  [2, Math.max(1, block - 1)],
  [5, block],
  [1, block + 1],
  [4, 3 * block + Math.ceil(block / 2)],
  [0, block],
  [2, 0],
];

/** The same tensor with its bytes at an odd address. */
function misaligned(tensor: HostTensor): HostTensor {
  const buffer = new Uint8Array(tensor.bytes.length + 3);
  buffer.set(tensor.bytes, 3);
  return { ...tensor, bytes: buffer.subarray(3) };
}

const numbersOf = (tensor: HostTensor): number[] => [...unpack(tensor, weightCodecs)];

test('no two formats share a name or an id', () => {
  expect(new Set(formats.map(({ format }) => format.id)).size).toBe(formats.length);
  expect(new Set(formats.map(({ format }) => format.name)).size).toBe(formats.length);
});

describe.each(formats)('$format.name', ({ example, format }) => {
  const shapes = (example.shapes ?? shapesOf(format.columnBlock)) as readonly number[][];
  const draw = (shape: readonly number[], seed = 1): HostTensor =>
    randomWeight(format, shape, normalStream(seed));

  test('is what its record says', () => {
    const text: FormatRecord = JSON.parse(JSON.stringify(format.record));
    const read = readFormat(text, weightFamilies);
    expect([read.id, read.name, read.record]).toEqual([format.id, format.name, format.record]);
    expect(format.record.format).toBe(format.family);
    expect(() => readFormat({ ...format.record, strange: 1 }, weightFamilies)).toThrow(
      `[format family ${format.family}] the parameter 'strange' is unknown; a record has `,
    );
    expect(() => readFormat({ format: format.family }, weightFamilies)).toThrow(
      `[format family ${format.family}] the parameter '`,
    );
    expect(() => readFormat(format.record, [])).toThrow(
      `[weight format] the family is '${format.family}'; the families handed over are none. ` +
        'Fix: hand over that family too, in `formats`.',
    );
  });

  test.each(shapes)('has sections that lie apart: [%i, %i]', (...shape) => {
    const { rows, columns, sections, sizeBytes } = format.sections(shape);
    expect([rows, columns]).toEqual(shape);
    let end = 0;
    for (const section of sections) {
      expect(section.offset).toBeGreaterThanOrEqual(end);
      if (!format.rowless) expect(section.sizeBytes).toBe((section.shared ? 1 : rows) * section.rowBytes);
      expect(section.rowBytes).toBeGreaterThanOrEqual(
        Math.floor(columns / format.columnBlock) * section.blockBytes,
      );
      end = section.offset + section.sizeBytes;
    }
    expect(sizeBytes).toBeGreaterThanOrEqual(end);
    const tensor = draw(shape);
    expect(tensor.bytes.length).toBe(sizeBytes);
    expect(formatBytes(format, shape)).toBe(sizeBytes);
    expect(tensorSections('laws', tensor)).toEqual(format.sections(shape));
    expect(bitsPerWeight(tensor)).toBe(rows * columns === 0 ? 0 : (8 * sizeBytes) / (rows * columns));
    const short = { ...tensor, bytes: new Uint8Array(sizeBytes + 1) };
    expect(() => unpack(short, weightCodecs)).toThrow(
      `[unpack] the tensor has ${sizeBytes + 1} bytes; ${
        format.name
      } of shape [${shape.join(', ')}] takes ${sizeBytes}. ` + 'Fix: read or pack the tensor again.',
    );
  });

  test.each(shapes)('unpacks and packs to the same bytes, at any address: [%i, %i]', (...shape) => {
    const tensor = draw(shape);
    const again = example.repacked(misaligned(tensor), weightExamples);
    expect(again.format.id).toBe(format.id);
    expect(again.bytes).toEqual(tensor.bytes);
    expect(numbersOf(misaligned(tensor))).toEqual(numbersOf(tensor));
    expect(numbersOf(tensor).every(Number.isFinite)).toBe(true);
    if (shape[0]! * shape[1]! >= 64) expect(numbersOf(tensor).some((value) => value !== 0)).toBe(true);
  });

  test('rounds zeros to zeros', () => {
    const tensor = roundedWeight(format, new Float32Array(3 * 70), [3, 70]);
    expect(unpack(tensor, weightCodecs).every((value) => value === 0)).toBe(true);
  });

  // What has no rows is told so instead.
  test.runIf(format.rowless)('has no rows to change', () => {
    const tensor = draw(shapes[0]!);
    for (const [name, change] of [
      ['concatRows', () => concatRows([tensor, tensor])],
      ['selectRows', () => selectRows(tensor, [])],
      ['permuteRows', () => permuteRows(tensor, [])],
      ['selectColumns', () => selectColumns(tensor, [])],
    ] as const)
      expect(change).toThrow(
        `[${name}] the tensor is stored as ${format.name}; that format has no rows. ` +
          'Fix: change the dense weight, and store it so afterwards.',
      );
  });

  // What has no rows cannot.
  test.skipIf(format.rowless)('joins, selects and permutes rows bit for bit', () => {
    const columns = 2 * format.columnBlock + 3;
    const parts = [4, 0, 3, 1].map((rows, i) => draw([rows, columns], i + 2));
    const joined = format.unjoined ? draw([8, columns]) : concatRows(parts.map(misaligned));
    if (format.unjoined) {
      expect(() => concatRows(parts)).toThrow(
        `[concatRows] ${format.name} [4, ${columns}], whose rows share something; tensors that are joined have one format`,
      );
    } else {
      expect(joined.shape).toEqual([8, columns]);
      expect(numbersOf(joined)).toEqual(parts.flatMap(numbersOf));
      expect(selectRows(misaligned(joined), [[4, 7]]).bytes).toEqual(parts[2]!.bytes);
    }
    const ranges = [
      [6, 8],
      [0, 4],
      [4, 6],
    ] as const;
    const order = [6, 7, 0, 1, 2, 3, 4, 5];
    const permuted = permuteRows(misaligned(joined), order);
    expect(selectRows(joined, ranges).bytes).toEqual(permuted.bytes);
    const inverse = order.map((_, row) => order.indexOf(row));
    expect(permuteRows(permuted, inverse).bytes).toEqual(joined.bytes);
    const numbers = numbersOf(joined);
    expect(numbersOf(permuted)).toEqual(
      order.flatMap((row) => numbers.slice(row * columns, (row + 1) * columns)),
    );
    expect([...unpack(joined, weightCodecs, [2, 5])]).toEqual(numbers.slice(2 * columns, 5 * columns));
  });

  // What has no rows cannot.
  test.skipIf(format.rowless)('selects blocks of columns bit for bit', () => {
    const block = format.columnBlock;
    const columns = 3 * block + Math.ceil(block / 3);
    const tensor = draw([3, columns], 9);
    const ranges = [
      [2 * block, 3 * block],
      [0, block],
      [3 * block, columns],
    ] as const;
    const selected = selectColumns(misaligned(tensor), ranges);
    const numbers = numbersOf(tensor);
    const row = (r: number): number[] =>
      ranges.flatMap(([from, to]) => numbers.slice(r * columns + from, r * columns + to));
    expect(numbersOf(selected)).toEqual([0, 1, 2].flatMap(row));
    expect(selectColumns(tensor, [[0, columns]]).bytes).toEqual(tensor.bytes);
    if (block === 1) return;
    expect(() => selectColumns(tensor, [[0, block - 1]])).toThrow(
      `[selectColumns] the range 0 to ${block - 1}; ${
        format.name
      } holds columns in blocks of ${block}, which stay whole. ` +
        `Fix: begin and end ranges at multiples of ${block}.`,
    );
  });

  test('refuses shapes that are none', () => {
    for (const [shape, words] of [
      [[2, -1], 'shape [2, -1]; sizes are whole numbers from 0. Fix: give such sizes.'],
      [[1.5, 2], 'shape [1.5, 2]; sizes are whole numbers from 0. Fix: give such sizes.'],
      [
        [2 ** 30, 2 ** 30],
        'shape [1073741824, 1073741824]; sizes multiply to a safe integer. Fix: split the tensor.',
      ],
    ] as const)
      expect(() => format.sections(shape)).toThrow(`[format ${format.name}] ${words}`);
  });
});
