import { isTilewrightError } from '@tilewright/kernels';
import { describe, expect, it } from 'vitest';
import { bytesSource, type ByteSource } from '../source/source.ts';
import { openSafetensors } from './open.ts';
import { integerFamily } from '@tilewright/kernels/weights/integer';
import { nmFamily } from '@tilewright/kernels/weights/n-m';

/** A file of the given header text (or object) and that many data bytes. */
function file(header: unknown, dataBytes: number, claimedLength?: bigint): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, claimedLength ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const tensor = (dtype: unknown, shape: unknown, offsets: unknown): object => ({
  dtype,
  shape,
  data_offsets: offsets,
});
const one = (dtype: unknown, shape: unknown, offsets: unknown, dataBytes: number): Uint8Array =>
  file({ w: tensor(dtype, shape, offsets) }, dataBytes);
const records = (value: unknown, stored: object = tensor('U32', [4], [0, 16])): Uint8Array =>
  file(
    {
      __metadata__: { 'tilewright.formats': typeof value === 'string' ? value : JSON.stringify(value) },
      w: stored,
    },
    16,
  );
const formatOf = (format: unknown, shape: unknown): Uint8Array =>
  records({ version: 1, tensors: { w: { format, shape } } });
const int4 = { format: 'integer', bits: 4, group: 32, zeroPoint: false };

const again = 'Fix: get the file again, it may be damaged or not safetensors.';
const notJson = 'Fix: get the file again, it may be damaged or another kind of file.';
const dtypes =
  'the dtypes this reader takes are F64, F32, F16, BF16, I64, I32, I16, I8, U32, U16, U8, BOOL, F8_E4M3, F8_E5M2, F8_E8M0';
const record =
  'version 1 has, for each compressed tensor of the file, the record of its format and its shape. ' +
  'Fix: write the file again with writeSafetensors, or update this package if the file is newer.';

const cases: readonly (readonly [title: string, bytes: Uint8Array, message: string])[] = [
  [
    'an empty file',
    new Uint8Array(0),
    `[w.safetensors] the file has 0 bytes; a safetensors file starts with the length of its header, 8 bytes. ${again}`,
  ],
  [
    'a file cut within the length',
    new Uint8Array(7),
    `[w.safetensors] the file has 7 bytes; a safetensors file starts with the length of its header, 8 bytes. ${again}`,
  ],
  [
    'a header of 2^63 bytes',
    file('{}', 0, 2n ** 63n),
    `[w.safetensors] the header is said to have 9223372036854775808 bytes, and 2 follow; the header must lie inside the file, and the format allows 100000000. ${again}`,
  ],
  [
    'a header one byte longer than the file',
    file('{}', 0, 3n),
    `[w.safetensors] the header is said to have 3 bytes, and 2 follow; the header must lie inside the file, and the format allows 100000000. ${again}`,
  ],
  [
    'a header of no bytes',
    file('', 0),
    `[w.safetensors] the header starts with ""; a safetensors header is a JSON object and starts with '{'. ${again}`,
  ],
  [
    'a field that nobody knows',
    file('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"scale":2}}', 1),
    '[w.safetensors] tensor "a" has the field "scale"; a tensor is described by dtype, shape and data_offsets, and nothing else. ' +
      'Fix: write the file again without it.',
  ],
  [
    'a header that is an array',
    file('[1]', 0),
    `[w.safetensors] the header starts with "[1]"; a safetensors header is a JSON object and starts with '{'. ${again}`,
  ],
  [
    'another kind of file',
    file('<!doctype html><html>', 0),
    `[w.safetensors] the header starts with "<!doctype ht"; a safetensors header is a JSON object and starts with '{'. ${again}`,
  ],
  [
    'a byte order mark before the header',
    file('\ufeff{}', 0),
    `[w.safetensors] the header starts with a UTF-8 byte order mark; a safetensors header is a JSON object and starts with '{'. ${again}`,
  ],
  [
    'a header that is not JSON',
    file('{"w": oops}', 0),
    `[w.safetensors] the header is not JSON: a value was expected at character 6, not "oops}"; the header must be valid JSON. ${notJson}`,
  ],
  [
    'a header that stops',
    file('{"w"', 0),
    `[w.safetensors] the header is not JSON: ':' was expected at character 4, not the end; the header must be valid JSON. ${notJson}`,
  ],
  [
    'a header with NUL padding',
    file('{}\0\0', 0),
    `[w.safetensors] the header is not JSON: nothing more was expected at character 2, not "\\u0000\\u0000"; the header must be valid JSON. ${notJson}`,
  ],
  [
    'a header that is not UTF-8',
    Uint8Array.from([3, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff, 0x7d]),
    `[w.safetensors] the header is not UTF-8 text; the header must be JSON in UTF-8. ${notJson}`,
  ],
  [
    'a deep header',
    file(`{"w":${'['.repeat(1_000_000)}`, 0),
    '[w.safetensors] the header nests deeper than 3 levels at character 7; the header needs no more than that. Fix: get the file again, it may be damaged or made to do harm.',
  ],
  [
    'a giant header',
    file(`{"w":[${'0,'.repeat(2_100_000)}0]}`, 0),
    '[w.safetensors] the header holds more than 2097152 values; no real model comes near that many. Fix: split the model into shards, or get the file again.',
  ],
  [
    'a duplicate tensor',
    file(
      '{"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
      1,
    ),
    '[w.safetensors] the header names "w" twice; a name may appear once in an object, or its meaning is a guess. Fix: write the file again with distinct names.',
  ],
  [
    'a duplicate tensor, spelled with an escape',
    file(
      '{"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0077":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
      1,
    ),
    '[w.safetensors] the header names "w" twice; a name may appear once in an object, or its meaning is a guess. Fix: write the file again with distinct names.',
  ],
  [
    'a duplicate field',
    file('{"w":{"dtype":"U8","shape":[0],"shape":[1],"data_offsets":[0,1]}}', 1),
    '[w.safetensors] the header names "shape" twice; a name may appear once in an object, or its meaning is a guess. Fix: write the file again with distinct names.',
  ],
  [
    'a tensor that is no object',
    file({ w: 5 }, 0),
    `[w.safetensors] tensor "w" is described by 5; a tensor is described by an object with dtype, shape and data_offsets. ${again}`,
  ],
  [
    'metadata that is no object',
    file({ __metadata__: [1, 2] }, 0),
    '[w.safetensors] __metadata__ is [1, 2]; __metadata__ is an object whose values are strings. Fix: write the file again with strings.',
  ],
  [
    'metadata that is no text',
    file({ __metadata__: { step: 3 } }, 0),
    '[w.safetensors] __metadata__ gives "step" as 3; __metadata__ is an object whose values are strings. Fix: write the file again with strings.',
  ],
  [
    'no dtype',
    file({ w: { shape: [0], data_offsets: [0, 0] } }, 0),
    `[w.safetensors] tensor "w" has dtype nothing; ${dtypes}. Fix: convert the tensor to one of them.`,
  ],
  [
    'an unknown dtype',
    one('C64', [4], [0, 4], 4),
    `[w.safetensors] tensor "w" has dtype "C64"; ${dtypes}. Fix: convert the tensor to one of them.`,
  ],
  [
    'a dtype in lower case',
    one('f32', [1], [0, 4], 4),
    `[w.safetensors] tensor "w" has dtype "f32"; ${dtypes}. Fix: convert the tensor to one of them.`,
  ],
  [
    'a dtype that is a property of every object',
    one('CONSTRUCTOR', [1], [0, 4], 4),
    `[w.safetensors] tensor "w" has dtype "CONSTRUCTOR"; ${dtypes}. Fix: convert the tensor to one of them.`,
  ],
  [
    'a shape that is a number',
    one('F32', 4, [0, 16], 16),
    '[w.safetensors] the shape of tensor "w" is 4; a shape is a list of whole numbers of at least 0. Fix: write the file again with a valid shape.',
  ],
  [
    'a negative size',
    one('F32', [-2, -2], [0, 16], 16),
    '[w.safetensors] the shape of tensor "w" is [-2, -2] (with -2); a shape is a list of whole numbers of at least 0. Fix: write the file again with a valid shape.',
  ],
  [
    'a fractional size',
    one('F32', [2.5, 2], [0, 20], 20),
    '[w.safetensors] the shape of tensor "w" is [2.5, 2] (with 2.5); a shape is a list of whole numbers of at least 0. Fix: write the file again with a valid shape.',
  ],
  [
    'a size that is text',
    one('F32', ['4'], [0, 16], 16),
    '[w.safetensors] the shape of tensor "w" is a list of 1 (with "4"); a shape is a list of whole numbers of at least 0. Fix: write the file again with a valid shape.',
  ],
  [
    'a size no number can hold',
    file('{"w":{"dtype":"U8","shape":[9007199254740993],"data_offsets":[0,1]}}', 1),
    '[w.safetensors] the shape of tensor "w" is [9007199254740992] (with 9007199254740992); a shape is a list of whole numbers of at least 0. Fix: write the file again with a valid shape.',
  ],
  [
    'an overflowing shape',
    one('U8', [2 ** 32, 2 ** 32], [0, 0], 0),
    '[w.safetensors] the shape of tensor "w" is [4294967296, 4294967296], more elements than can be counted; the product of a shape must be below 2^53. Fix: write the file again with a valid shape.',
  ],
  [
    'an overflowing shape hidden by a zero',
    one('U8', [2 ** 32, 2 ** 32, 0], [0, 0], 0),
    '[w.safetensors] the shape of tensor "w" is [4294967296, 4294967296, 0], more elements than can be counted; the product of a shape must be below 2^53. Fix: write the file again with a valid shape.',
  ],
  [
    'no offsets',
    file({ w: { dtype: 'U8', shape: [0] } }, 0),
    `[w.safetensors] tensor "w" has data_offsets nothing; two whole numbers are required, begin <= end <= 0 (the bytes after the header). ${again}`,
  ],
  [
    'three offsets',
    one('U8', [1], [0, 1, 1], 1),
    `[w.safetensors] tensor "w" has data_offsets [0, 1, 1]; two whole numbers are required, begin <= end <= 1 (the bytes after the header). ${again}`,
  ],
  [
    'offsets that run backwards',
    one('U8', [1], [1, 0], 1),
    `[w.safetensors] tensor "w" has data_offsets [1, 0]; two whole numbers are required, begin <= end <= 1 (the bytes after the header). ${again}`,
  ],
  [
    'a negative offset',
    one('U8', [2], [-1, 1], 1),
    `[w.safetensors] tensor "w" has data_offsets [-1, 1]; two whole numbers are required, begin <= end <= 1 (the bytes after the header). ${again}`,
  ],
  [
    'a fractional offset',
    one('U8', [1], [0.5, 1.5], 2),
    `[w.safetensors] tensor "w" has data_offsets [0.5, 1.5]; two whole numbers are required, begin <= end <= 2 (the bytes after the header). ${again}`,
  ],
  [
    'offsets beyond the file',
    one('F32', [1000], [0, 4000], 16),
    `[w.safetensors] tensor "w" has data_offsets [0, 4000]; two whole numbers are required, begin <= end <= 16 (the bytes after the header). ${again}`,
  ],
  [
    'a size that does not match',
    one('F32', [5], [0, 16], 16),
    `[w.safetensors] tensor "w" has 16 bytes where F32 of shape [5] takes 20; data_offsets must span exactly the elements. ${again}`,
  ],
  [
    'overlapping tensors',
    file({ a: tensor('U8', [8], [0, 8]), b: tensor('U8', [8], [4, 12]) }, 12),
    `[w.safetensors] tensor "b" overlaps tensor "a" by 4 bytes; tensors must lie one after the other without overlap or gap. ${again}`,
  ],
  [
    'two tensors in one place',
    file({ a: tensor('U8', [8], [0, 8]), b: tensor('I8', [8], [0, 8]) }, 8),
    `[w.safetensors] tensor "b" overlaps tensor "a" by 8 bytes; tensors must lie one after the other without overlap or gap. ${again}`,
  ],
  [
    'a gap between tensors',
    file({ a: tensor('U8', [4], [0, 4]), b: tensor('U8', [4], [6, 10]) }, 10),
    `[w.safetensors] 2 bytes between tensor "a" and tensor "b" belong to no tensor; tensors must lie one after the other without overlap or gap. ${again}`,
  ],
  [
    'a gap before the first tensor',
    one('U8', [4], [4, 8], 8),
    `[w.safetensors] 4 bytes between the header and tensor "w" belong to no tensor; tensors must lie one after the other without overlap or gap. ${again}`,
  ],
  [
    'bytes after the last tensor',
    one('U8', [4], [0, 4], 7),
    `[w.safetensors] 3 bytes between tensor "w" and the end belong to no tensor; tensors must lie one after the other without overlap or gap. ${again}`,
  ],
  [
    'bytes and no tensor',
    file({}, 5),
    `[w.safetensors] 5 bytes between the header and the end belong to no tensor; tensors must lie one after the other without overlap or gap. ${again}`,
  ],
  [
    'format records that are not JSON',
    records('{'),
    `[w.safetensors] metadata tilewright.formats is not JSON: a string was expected at character 1, not the end; metadata tilewright.formats must be valid JSON. ${notJson}`,
  ],
  [
    'format records that are no object',
    records('7'),
    `[w.safetensors] metadata tilewright.formats has version nothing; ${record}`,
  ],
  [
    'format records of another version',
    records({ version: 2, tensors: {} }),
    `[w.safetensors] metadata tilewright.formats has version 2; ${record}`,
  ],
  [
    'format records without tensors',
    records({ version: 1 }),
    `[w.safetensors] metadata tilewright.formats gives its tensors as nothing; ${record}`,
  ],
  [
    'a record of no tensor',
    records({ version: 1, tensors: { v: {} } }),
    `[w.safetensors] metadata tilewright.formats names tensor "v", which the file lacks; ${record}`,
  ],
  [
    'a record that is no object',
    records({ version: 1, tensors: { w: 'int4-g32' } }),
    `[w.safetensors] metadata tilewright.formats gives tensor "w" as "int4-g32"; ${record}`,
  ],
  [
    'a record without shape',
    formatOf(int4, undefined),
    '[w.safetensors] the shape of tensor "w" is nothing; a shape is a list of whole numbers of at least 0. Fix: write the file again with a valid shape.',
  ],
  [
    'a record without format',
    formatOf(undefined, [1, 32]),
    `[w.safetensors] metadata tilewright.formats gives tensor "w" the format nothing; ${record}`,
  ],
  [
    'an unknown family',
    formatOf({ format: 'ternary' }, [1, 32]),
    '[w.safetensors] tensor "w" is stored in a format of the family "ternary"; the families handed over in formats are integer, n:m. Fix: hand that family over too, or update this package if the file is newer.',
  ],
  [
    'an unknown family inside',
    formatOf({ format: 'n:m', n: 2, m: 4, values: { format: 'ternary' } }, [1, 32]),
    '[w.safetensors] tensor "w" is stored in a format of the family "ternary"; the families handed over in formats are integer, n:m. Fix: hand that family over too, or update this package if the file is newer.',
  ],
  [
    'a parameter of another type',
    formatOf({ ...int4, bits: '4' }, [1, 32]),
    `[w.safetensors] metadata tilewright.formats gives tensor "w" a format that cannot be: "[format family integer] the parameter 'bits' is \\"4\\"; a record has bits (numbe..."; ${record}`,
  ],
  [
    'a parameter too many',
    formatOf({ ...int4, scales: 1 }, [1, 32]),
    `[w.safetensors] metadata tilewright.formats gives tensor "w" a format that cannot be: "[format family integer] the parameter 'scales' is unknown; a record has bits ..."; ${record}`,
  ],
  [
    'an impossible format',
    formatOf({ format: 'n:m', n: 4, m: 4, values: { format: 'dense', dtype: 'f16' } }, [1, 32]),
    `[w.safetensors] metadata tilewright.formats gives tensor "w" a format that cannot be: "[format f16+4:4] 4 of 4; n is at least 1 and below m. Fix: take such an n."; ${record}`,
  ],
  [
    'a dense format as a record',
    formatOf({ format: 'dense', dtype: 'f32' }, [4]),
    `[w.safetensors] metadata tilewright.formats gives tensor "w" a dense format; ${record}`,
  ],
  [
    'a family name without end',
    formatOf({ format: 'int4'.repeat(100) }, [1, 32]),
    `[w.safetensors] metadata tilewright.formats gives tensor "w" the format an object; ${record}`,
  ],
  [
    'a shape the format cannot have',
    formatOf(int4, [32]),
    `[w.safetensors] metadata tilewright.formats gives tensor "w" the shape [32], which int4-g32 cannot have; ${record}`,
  ],
  [
    'a shape too large to measure',
    formatOf(int4, [2 ** 26, 2 ** 26]),
    `[w.safetensors] metadata tilewright.formats gives tensor "w" the shape [67108864, 67108864], which int4-g32 cannot have; ${record}`,
  ],
  [
    'words that are too few for the shape',
    formatOf(int4, [64, 64]),
    '[w.safetensors] tensor "w" is stored as u32 [4], 16 bytes; int4-g32 of shape [64, 64] is stored as a list of u32 words, 2304 bytes. Fix: write the file again with writeSafetensors.',
  ],
  [
    'words that are not words',
    records({ version: 1, tensors: { w: { format: int4, shape: [0, 32] } } }, tensor('F32', [4], [0, 16])),
    '[w.safetensors] tensor "w" is stored as f32 [4], 16 bytes; int4-g32 of shape [0, 32] is stored as a list of u32 words, 0 bytes. Fix: write the file again with writeSafetensors.',
  ],
];

describe('a malformed safetensors file', () => {
  it.each(cases)('is refused by name: %s', async (_, bytes, message) => {
    const read: number[] = [];
    const source = bytesSource(bytes, 'w.safetensors');
    let closed = 0;
    const watched: ByteSource = {
      ...source,
      read: (start, end) => {
        expect(start >= 0 && end <= bytes.length && start <= end).toBe(true);
        read.push(end - start);
        return source.read(start, end);
      },
      close: async () => void closed++,
    };
    const error: unknown = await openSafetensors(watched, { formats: [integerFamily, nmFamily] }).catch(
      (reason: unknown) => reason,
    );
    expect(error instanceof Error && error.message).toBe(message);
    expect(isTilewrightError(error) && error.code).toBe('bad-file');
    expect(read.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(bytes.length);
    expect(closed).toBe(1);
  });

  it('is refused when its header is longer than the format allows', async () => {
    const prefix = new Uint8Array(8);
    new DataView(prefix.buffer).setBigUint64(0, 100_000_001n, true);
    const source: ByteSource = {
      name: 'w.safetensors',
      sizeBytes: 2 ** 40,
      read: async (start, end) => {
        expect(end).toBeLessThanOrEqual(256);
        return start === 0 ? prefix : new Uint8Array(end - start);
      },
      close: async () => {},
    };
    await expect(openSafetensors(source)).rejects.toThrow(
      `[w.safetensors] the header is said to have 100000001 bytes, and ${2 ** 40 - 8} follow; the header must lie inside the file, and the format allows 100000000. ${again}`,
    );
  });

  it('without metadata may say null', async () => {
    const opened = await openSafetensors(file({ __metadata__: null, w: tensor('F32', [1], [0, 4]) }, 4));
    expect(opened.metadata).toEqual({});
    expect([...opened.tensors.keys()]).toEqual(['w']);
  });

  it('keeps long names out of messages', async () => {
    const bytes = file({ ['x'.repeat(10_000)]: 1 }, 0);
    const error: unknown = await openSafetensors(bytes).catch((reason: unknown) => reason);
    expect(String(error).length).toBeLessThan(400);
  });
});
