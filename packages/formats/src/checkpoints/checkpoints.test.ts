// Layers written here, by the published descriptions and not by the readers' code, in shapes and settings that files rarely have.
import { unpack } from '@tilewright/kernels/weights';
import { dense, type DenseDType } from '@tilewright/kernels/weights/dense';
import { fp4Numbers } from '@tilewright/kernels/weights/fp4';
import { nf4Numbers } from '@tilewright/kernels/weights/nf4';
import { weightCodecs } from '@tilewright/kernels/weights/registry';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../json/parse-json.ts';
import type { StoredTensor } from '../safetensors/open.ts';
import { allCheckpoints, checkpoints, gptq, type StoredTensors } from './index.ts';

const { fround } = Math;
let seed = 1;
/** Whole numbers below a limit, the same in every run. */
const random = (limit: number): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * limit);
};
const list = (count: number, draw: (i: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => draw(i));
const matrix = (rows: number, columns: number, draw: (r: number, c: number) => number): number[][] =>
  list(rows, (r) => r).map((r) => list(columns, (c) => draw(r, c)));

const arrays = {
  i32: Int32Array,
  i8: Int8Array,
  u8: Uint8Array,
  f32: Float32Array,
  f8_e4m3: Uint8Array,
  f16: Uint16Array,
  bf16: Uint16Array,
} as const;
type Given = readonly [
  dtype: keyof typeof arrays | 'i64',
  shape: readonly number[],
  values: ArrayLike<number>,
];

function stored(tensors: Readonly<Record<string, Given>>): StoredTensors {
  return new Map(
    Object.entries(tensors).map(([name, [dtype, shape, values]]): [string, StoredTensor] => {
      const array =
        dtype === 'i64'
          ? BigInt64Array.from(Array.from(values), BigInt)
          : new arrays[dtype](Array.from(values));
      const bytes = new Uint8Array(array.buffer as ArrayBuffer);
      const format = dense(dtype as DenseDType);
      return [
        name,
        {
          dtype: dtype as DenseDType,
          format,
          shape,
          sizeBytes: bytes.length,
          read: async () => ({ format, shape, bytes }),
        },
      ];
    }),
  );
}

const json = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? new Map(Object.entries(value).map(([name, each]) => [name, json(each)]))
    : (value as Json);
const source = (settings: object | undefined, files: Readonly<Record<string, object>> = {}) => ({
  config: json(
    settings ? { quantization_config: settings, hidden_size: 8 } : { hidden_size: 8 },
  ) as JsonObject,
  json: async (path: string) => (files[path] ? json(files[path]) : null),
});

/** The weight that layer `m` stands for. */
async function weightOf(
  settings: object | undefined,
  tensors: Readonly<Record<string, Given>>,
  name = 'm.weight',
  files = {},
): Promise<{
  readonly values: number[];
  readonly shape: readonly number[];
  readonly format: string;
  readonly left: string[];
}> {
  const read = await allCheckpoints(source(settings, files));
  const weights = await read.tensors(stored(tensors));
  const host = await weights.get(name)!.read();
  expect(host.bytes.length).toBe(weights.get(name)!.sizeBytes);
  const values = [...unpack(host, weightCodecs)].map((value) => value + 0);
  return { values, shape: host.shape, format: host.format.name, left: [...weights.keys()] };
}

/** Fields of so many bits as one number, lowest first, cut into words. */
function packedBits(fields: readonly number[], bits: number): number[] {
  let number = 0n;
  fields.forEach((field, i) => (number |= BigInt(field) << BigInt(bits * i)));
  return list(Math.ceil((fields.length * bits) / 32), (w) =>
    Number((number >> BigInt(32 * w)) & 0xffffffffn),
  );
}
const transpose = (rows: readonly (readonly number[])[]): number[][] =>
  rows[0]!.map((_, c) => rows.map((row) => row[c]!));
const flat = (rows: readonly (readonly number[])[]): number[] => rows.flat();

/** Small halves and what they are: 2^-4 times 1 to 1 + 1023/1024. */
const half = (fraction: number): number => 0x2c00 | fraction;
const halfValue = (bits: number): number => 2 ** ((bits >> 10) - 15) * (1 + (bits & 1023) / 1024);

describe('gptq', () => {
  test.each([
    [2, 'gptq', 32, false],
    [3, 'gptq_v2', 32, false],
    [4, 'gptq', 64, true],
    [8, 'gptq_v2', -1, false],
    [3, undefined, 96, true],
  ] as const)(
    '%i bits, %s, groups of %i, in another order: %s',
    async (bits, checkpoint_format, group, shuffled) => {
      const [out, columns] = [32, 192];
      const width = group === -1 ? columns : group;
      const groups = columns / width;
      const codes = matrix(out, columns, () => random(2 ** bits));
      const zeros = matrix(groups, out, () => 1 + random(2 ** bits - 1));
      const scales = matrix(groups, out, () => half(random(1024)));
      const order = list(columns, (i) => Math.floor((shuffled ? (i * 35) % columns : i) / width));
      const isSecond = checkpoint_format === 'gptq_v2';
      const { values, shape, format, left } = await weightOf(
        { quant_method: 'gptq', bits, group_size: group, desc_act: shuffled, checkpoint_format },
        {
          'm.qweight': [
            'i32',
            [(columns * bits) / 32, out],
            flat(transpose(codes.map((row) => packedBits(row, bits)))),
          ],
          'm.qzeros': [
            'i32',
            [groups, (out * bits) / 32],
            flat(
              zeros.map((row) =>
                packedBits(
                  row.map((zero) => zero - (isSecond ? 0 : 1)),
                  bits,
                ),
              ),
            ),
          ],
          'm.scales': ['f16', [groups, out], flat(scales)],
          'm.g_idx': ['i32', [columns], order],
          'm.bias': ['f16', [1], [0]],
        },
      );
      expect(shape).toEqual([out, columns]);
      expect(left.sort()).toEqual(['m.bias', 'm.weight']);
      expect(format).toBe(`int${bits}-${group === -1 ? 'row' : `g${width}`}-zp${shuffled ? '-indexed' : ''}`);
      expect(values).toEqual(
        flat(
          codes.map((row, o) =>
            row.map(
              (code, i) => fround((code - zeros[order[i]!]![o]!) * halfValue(scales[order[i]!]![o]!)) + 0,
            ),
          ),
        ),
      );
    },
  );

  const tensors: Record<string, Given> = {
    'm.qweight': ['i32', [4, 8], list(32, () => 0x12345678)],
    'm.qzeros': ['i32', [1, 1], [0x77777777]],
    'm.scales': ['f16', [1, 8], list(8, () => half(0))],
  };
  const settings = { quant_method: 'gptq', bits: 4, group_size: 32 };

  test('symmetric weights have no zero points, and settings may be in a file of their own', async () => {
    const direct = await weightOf(settings, tensors);
    expect(direct.format).toBe('int4-row');
    const old = await weightOf(undefined, tensors, 'm.weight', { 'quantize_config.json': settings });
    expect(old).toEqual(direct);
  });

  test.each([
    [
      { ...settings, bits: 5 },
      {},
      '[config.json] quantization_config cannot be read: bits is 5; GPTQ has 2, 3, 4 or 8. Fix: hand over what reads it, or take another form of the model.',
    ],
    [
      { ...settings, checkpoint_format: 'marlin' },
      {},
      '[config.json] quantization_config cannot be read: checkpoint_format is "marlin"; the formats read here are gptq and gptq_v2. Fix: hand over what reads it, or take another form of the model.',
    ],
    [
      { ...settings, quant_method: 'aqlm' },
      {},
      '[config.json] quantization_config cannot be read: its quant_method is "aqlm"; the methods handed over are gptq. Fix: hand over what reads it, or take another form of the model.',
    ],
    [
      settings,
      { 'm.qzeros': ['i32', [1, 2], [0, 0]] },
      '[m] m.qzeros has shape [1, 2]; it is [1, 1]. Fix: check that the weight files are complete and belong to config.json.',
    ],
    [
      settings,
      { 'm.g_idx': ['i32', [32], list(32, (i) => (i === 3 ? 1 : 0))] },
      '[m] m.g_idx names a group that is not there; there are 1. Fix: check that the weight files are complete and belong to config.json.',
    ],
    [
      settings,
      { 'm.qweight': ['f32', [4, 8], list(32, () => 0)] },
      '[m] m.qweight is stored as f32; it is i32. Fix: check that the weight files are complete and belong to config.json.',
    ],
  ] as const)('%j with %j is refused', async (given, changed, message) => {
    const read = async () => {
      const found = await checkpoints([gptq])(source(given));
      await found.tensors(stored({ ...tensors, ...(changed as Record<string, Given>) }));
    };
    await expect(read()).rejects.toMatchObject({ message });
  });
});

test('awq: outputs of a word in their own order', async () => {
  const [out, columns, group] = [16, 96, 32];
  const order = [0, 2, 4, 6, 1, 3, 5, 7];
  const codes = matrix(columns, out, () => random(16));
  const zeros = matrix(3, out, () => random(16));
  const scales = matrix(3, out, () => half(random(1024)));
  const words = (rows: number[][]): number[] =>
    rows.flatMap((row) =>
      [0, 8].flatMap((first) =>
        packedBits(
          order.map((output) => row[first + output]!),
          4,
        ),
      ),
    );
  const { values } = await weightOf(
    { quant_method: 'awq', bits: 4, group_size: group, version: 'gemm', zero_point: true },
    {
      'm.qweight': ['i32', [columns, 2], words(codes)],
      'm.qzeros': ['i32', [3, 2], words(zeros)],
      'm.scales': ['f16', [3, out], flat(scales)],
    },
  );
  expect(values).toEqual(
    flat(
      matrix(out, columns, (o, i) => {
        const g = Math.floor(i / group);
        return fround((codes[i]![o]! - zeros[g]![o]!) * halfValue(scales[g]![o]!)) + 0;
      }),
    ),
  );
});

describe('compressed-tensors', () => {
  const settings = (format: string, weights: object): object => ({
    quant_method: 'compressed-tensors',
    format,
    config_groups: { group_0: { weights } },
  });
  const bfloat = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0]! >>> 16;

  test.each([
    [4, 50, 13, 'group'],
    [8, 33, 10, 'group'],
    [4, 64, 9, 'none'],
  ] as const)(
    '%i bits packed along rows of %i, groups of 16, zero points, order %s',
    async (bits, columns, out, order) => {
      const groups = Math.ceil(columns / 16);
      const codes = matrix(out, columns, () => random(2 ** bits));
      const zeros = matrix(out, groups, () => random(2 ** bits));
      const scales = matrix(out, groups, () => 1 / (1 + random(7)));
      const index = list(columns, (i) => (order === 'none' ? i >> 4 : (i * 3) % groups));
      const rounded = scales.map((row) =>
        row.map((value) => new Float32Array(Uint32Array.of(bfloat(value) << 16).buffer)[0]!),
      );
      const { values } = await weightOf(
        settings('pack-quantized', { num_bits: bits, type: 'int', group_size: 16 }),
        {
          'm.weight_packed': [
            'i32',
            [out, Math.ceil((columns * bits) / 32)],
            flat(codes.map((row) => packedBits(row, bits))),
          ],
          'm.weight_scale': ['bf16', [out, groups], flat(scales.map((row) => row.map(bfloat)))],
          'm.weight_shape': ['i64', [2], [out, columns]],
          'm.weight_zero_point': [
            'i32',
            [Math.ceil((out * bits) / 32), groups],
            flat(transpose(transpose(zeros).map((column) => packedBits(column, bits)))),
          ],
          ...(order === 'group' && { 'm.weight_g_idx': ['i32', [columns], index] as Given }),
        },
      );
      expect(values).toEqual(
        flat(
          codes.map((row, o) =>
            row.map((code, i) => fround((code - zeros[o]![index[i]!]!) * rounded[o]![index[i]!]!) + 0),
          ),
        ),
      );
    },
  );

  test('int8, a scale and a zero point for each row', async () => {
    const codes = matrix(3, 40, () => random(256) - 128);
    const { values } = await weightOf(
      settings('int-quantized', { num_bits: 8, type: 'int', strategy: 'channel' }),
      {
        'm.weight': ['i8', [3, 40], flat(codes)],
        'm.weight_scale': ['f32', [3, 1], [0.1, 0.3, 0.7]],
        'm.weight_zero_point': ['i8', [3, 1], [-5, 0, 127]],
      },
    );
    const zeros = [-5, 0, 127];
    expect(values).toEqual(
      flat(
        codes.map((row, o) =>
          row.map((code) => fround((code - zeros[o]!) * fround([0.1, 0.3, 0.7][o]!)) + 0),
        ),
      ),
    );
  });

  test('fp8 in blocks whose edges are short', async () => {
    const { values, format } = await weightOf(
      settings('float-quantized', {
        num_bits: 8,
        type: 'float',
        strategy: 'block',
        block_structure: [2, 32],
      }),
      {
        'm.weight': ['f8_e4m3', [3, 40], list(120, (i) => (i % 2 ? 0x38 : 0xb9))],
        'm.weight_scale': ['f32', [2, 2], [0.1, 0.2, 0.3, 0.4]],
      },
    );
    expect(format).toBe('e4m3-g32');
    const scales = [
      [0.1, 0.2],
      [0.3, 0.4],
    ];
    expect(values).toEqual(
      flat(matrix(3, 40, (r, c) => fround((c % 2 ? 1 : -1.125) * fround(scales[r >> 1]![c >> 5]!)))),
    );
  });
});

describe('bitsandbytes', () => {
  const settings = { quant_method: 'bitsandbytes', load_in_4bit: true };
  const text = (value: object): number[] => [...new TextEncoder().encode(JSON.stringify(value))];

  test.each([
    ['nf4', 64, 5, 51, nf4Numbers],
    ['fp4', 32, 3, 96, fp4Numbers],
    ['nf4', 128, 1, 7, list(16, (i) => (i - 8) / 8)],
  ] as const)('%s in blocks of %i of [%i, %i]', async (kind, blocksize, out, columns, map) => {
    const count = out * columns;
    const blocks = Math.ceil(count / blocksize);
    const codes = list(2 * Math.ceil(count / 2), () => random(16));
    const absmax = list(blocks, () => fround(0.1 + random(100) / 77));
    const { values, shape } = await weightOf(settings, {
      'm.weight': [
        'u8',
        [codes.length / 2, 1],
        list(codes.length / 2, (i) => codes[2 * i]! * 16 + codes[2 * i + 1]!),
      ],
      'm.weight.absmax': ['f32', [blocks], absmax],
      'm.weight.quant_map': ['f32', [16], map],
      [`m.weight.quant_state.bitsandbytes__${kind}`]: [
        'u8',
        [1],
        text({ quant_type: kind, blocksize, shape: [out, columns] }),
      ],
    });
    expect(shape).toEqual([out, columns]);
    expect(values).toEqual(
      list(count, (i) => fround(fround(map[codes[i]!]!) * absmax[Math.floor(i / blocksize)]!) + 0),
    );
  });

  test('int8: each product is rounded before it meets 1/127', async () => {
    const codes = list(40, () => random(256) - 128);
    const { values } = await weightOf(
      { quant_method: 'bitsandbytes', load_in_8bit: true },
      {
        'm.weight': ['i8', [2, 20], codes],
        'm.SCB': ['f32', [2], [0.3, 1.7]],
        'm.weight_format': ['u8', [], [0]],
      },
    );
    expect(values).toEqual(
      codes.map((code, i) => fround(fround(code * fround(i < 20 ? 0.3 : 1.7)) * fround(1 / 127)) + 0),
    );
  });
});

describe('hqq', () => {
  test.each([
    [4, 1, 24, 4, 18],
    [8, 0, 8, 4, 18],
    [2, 0, 16, 8, 6],
    [1, 1, 16, 8, 8],
  ] as const)('%i bits, axis %i, groups of %i of [%i, %i]', async (nbits, axis, group, out, columns) => {
    const count = out * columns;
    const groups = count / group;
    const [rows, across] = axis === 1 ? [groups, group] : [group, groups];
    const codes = matrix(rows, across, () => random(2 ** nbits));
    const runs = 8 / nbits;
    const runRows = Math.ceil(rows / runs);
    const bytes = matrix(runRows, across, (r, c) =>
      list(runs, (run) => (codes[run * runRows + r]?.[c] ?? 0) << (8 - nbits * (run + 1))).reduce(
        (a, b) => a | b,
        0,
      ),
    );
    const [scales, zeros] = [list(groups, () => half(random(1024))), list(groups, () => half(random(1024)))];
    const shape = axis === 1 ? [groups, 1] : [1, groups];
    const { values } = await weightOf(
      { quant_method: 'hqq', quant_config: {} },
      {
        'm.W_q': ['u8', [runRows, across], flat(bytes)],
        'm.scale': ['f16', shape, scales],
        'm.zero': ['f16', shape, zeros],
        'm.nbits': ['i32', [], [nbits]],
        'm.axis': ['i32', [], [axis]],
        'm.group_size': ['i32', [], [group]],
        'm.shape': ['i64', [2], [out, columns]],
        'm.packing': ['u8', [1], [1]],
      },
    );
    expect(values).toEqual(
      list(count, (i) => {
        const [r, c] = [Math.floor(i / across), i % across];
        const g = axis === 1 ? r : c;
        return fround(fround(codes[r]![c]! - halfValue(zeros[g]!)) * halfValue(scales[g]!)) + 0;
      }),
    );
  });
});

test('modelopt, settings in a file of their own: the second scale multiplies', async () => {
  const { values, format } = await weightOf(
    undefined,
    {
      'm.weight': ['u8', [2, 16], list(32, (i) => (i * 37) & 255)],
      'm.weight_scale': ['f8_e4m3', [2, 2], [0x38, 0x40, 0x3c, 0x30]],
      'm.weight_scale_2': ['f32', [], [0.3]],
    },
    'm.weight',
    { 'hf_quant_config.json': { quantization: { quant_algo: 'NVFP4' } } },
  );
  expect(format).toBe('nvfp4');
  const sizes = [0, 0.5, 1, 1.5, 2, 3, 4, 6];
  const scales = [1, 2, 1.5, 0.5];
  expect(values).toEqual(
    list(64, (i) => {
      const code = (((i >> 1) * 37) >> (4 * (i & 1))) & 15;
      const size = sizes[code & 7]! * (code & 8 ? -1 : 1);
      return fround(size * fround(scales[i >> 4]! * fround(0.3))) + 0;
    }),
  );
});

test('a model that is not compressed stays as it is', async () => {
  const read = await allCheckpoints(source(undefined));
  const tensors = stored({ 'm.weight': ['f32', [1, 1], [1]] });
  expect(await read.tensors(tensors)).toBe(tensors);
});
