// Settings that contradict themselves, their tensors, or say what nothing reads: named, each in a sentence.
import type { HostTensor } from '@tilewright/kernels';
import { dense, type DenseDType } from '@tilewright/kernels/weights/dense';
import { describe, expect, test } from 'vitest';
import { type Json, type JsonObject, parseJson } from '../json/parse-json.ts';
import type { StoredTensor } from '../safetensors/open.ts';
import { allCheckpoints } from './index.ts';

const json = (value: unknown): Json =>
  parseJson(JSON.stringify(value), { subject: 'a test', part: 'it', maxDepth: 9 });

type Given = readonly [dtype: DenseDType, shape: readonly number[], fill?: number | readonly number[]];
const widths: Partial<Record<DenseDType, number>> = { i64: 8, i32: 4, f32: 4, f16: 2, bf16: 2 };

/** A tensor of bytes: one byte in all of them, or these. */
function stored([dtype, shape, fill = 0]: Given): StoredTensor {
  const sizeBytes = (widths[dtype] ?? 1) * shape.reduce((product, size) => product * size, 1);
  const bytes = new Uint8Array(sizeBytes);
  if (typeof fill === 'number') bytes.fill(fill);
  else bytes.set(fill);
  const format = dense(dtype);
  const host: HostTensor = { format, shape, bytes };
  return { dtype, format, shape, sizeBytes, read: async () => host };
}

async function read(
  settings: Readonly<Record<string, unknown>>,
  tensors: Readonly<Record<string, Given>>,
): Promise<readonly string[]> {
  const config = json({ quantization_config: settings }) as JsonObject;
  const checkpoint = await allCheckpoints({ config, json: async () => null });
  const made = await checkpoint.tensors(
    new Map(Object.entries(tensors).map(([name, given]) => [name, stored(given)])),
  );
  for (const tensor of made.values()) await tensor.read();
  return checkpoint.warnings();
}

const bytesOf = (text: string): number[] => [...new TextEncoder().encode(text)];
const words = (...values: number[]): number[] =>
  values.flatMap((value) => [value & 255, (value >> 8) & 255, 0, 0]);
const longs = (...values: number[]): number[] => values.flatMap((value) => [...words(value), 0, 0, 0, 0]);

interface Sample {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly tensors: Readonly<Record<string, Given>>;
}
const weights = { num_bits: 4, type: 'int', strategy: 'group', group_size: 16, symmetric: true };
const state = { quant_type: 'nf4', blocksize: 64, shape: [4, 32], dtype: 'bfloat16' };
const stateName = 'm.weight.quant_state.bitsandbytes__nf4';
const described = (changes: object): Given => {
  const bytes = bytesOf(JSON.stringify({ ...state, ...changes }));
  return ['u8', [bytes.length], bytes];
};
const samples = {
  gptq: {
    settings: { quant_method: 'gptq', bits: 4, group_size: 32, desc_act: false, sym: true },
    tensors: {
      // v1 stores 7 for 8.
      'm.qweight': ['i32', [8, 8], 0x55],
      'm.qzeros': ['i32', [2, 1], 0x77],
      'm.scales': ['f16', [2, 8], 0x2c],
    },
  },
  awq: {
    settings: { quant_method: 'awq', bits: 4, group_size: 32, zero_point: true, version: 'gemm' },
    tensors: {
      'm.qweight': ['i32', [64, 1], 0x55],
      'm.qzeros': ['i32', [2, 1], 0x66],
      'm.scales': ['f16', [2, 8], 0x2c],
    },
  },
  packed: {
    settings: {
      quant_method: 'compressed-tensors',
      format: 'pack-quantized',
      config_groups: { group_0: { targets: ['Linear'], weights } },
      ignore: ['lm_head'],
    },
    tensors: {
      'm.weight_packed': ['i32', [4, 4], 0x55],
      'm.weight_scale': ['f16', [4, 2], 0x2c],
      'm.weight_shape': ['i64', [2], longs(4, 32)],
    },
  },
  bitsandbytes: {
    settings: { quant_method: 'bitsandbytes', load_in_4bit: true, bnb_4bit_quant_type: 'nf4' },
    tensors: {
      'm.weight': ['u8', [64, 1], 0x55],
      'm.weight.absmax': ['f32', [2], 0x3c],
      'm.weight.quant_map': ['f32', [16], 0x3c],
      [stateName]: described({}),
    },
  },
  fp8: {
    settings: { quant_method: 'fp8', fmt: 'e4m3', weight_block_size: [32, 32] },
    tensors: { 'm.weight': ['f8_e4m3', [40, 64], 0x38], 'm.weight_scale_inv': ['f32', [2, 2], 0x3c] },
  },
  hqq: {
    settings: { quant_method: 'hqq', quant_config: { weight_quant_params: { nbits: 4, axis: 1 } } },
    tensors: {
      'm.W_q': ['u8', [4, 16], 0x55],
      'm.scale': ['f16', [8, 1], 0x2c],
      'm.zero': ['f16', [8, 1], 0x44],
      'm.nbits': ['i32', [], words(4)],
      'm.axis': ['i32', [], words(1)],
      'm.group_size': ['i32', [], words(16)],
      'm.shape': ['i64', [2], longs(4, 32)],
    },
  },
  modelopt: {
    settings: { quant_method: 'modelopt', quant_algo: 'NVFP4', ignore: ['lm_head'] },
    tensors: {
      'm.weight': ['u8', [2, 16], 0x22],
      'm.weight_scale': ['f8_e4m3', [2, 2], 0x38],
      'm.weight_scale_2': ['f32', [], 0x3c],
    },
  },
  mxfp4: {
    settings: { quant_method: 'mxfp4', modules_to_not_convert: ['lm_head'] },
    tensors: { m_blocks: ['u8', [2, 3, 1, 16], 0x22], m_scales: ['u8', [2, 3, 1], 127] },
  },
} satisfies Record<string, Sample>;
type Name = keyof typeof samples;

describe.each(Object.keys(samples) as Name[])('%s', (name) => {
  const { settings, tensors }: Sample = samples[name];

  test('says nothing of settings that its tensors bear out', async () => {
    expect(await read(settings, tensors)).toEqual([]);
  });

  test('names a field that nothing reads, and a model that is not stored so', async () => {
    expect(await read({ ...settings, foo: 1, bar: null }, tensors)).toEqual([
      'config.json: quantization_config has "foo", which nothing here uses',
    ]);
    expect(await read(settings, { 'm.weight': ['f32', [2, 2]] })).toEqual([
      `config.json: quantization_config: no weight is stored as ${settings.quant_method} stores them`,
    ]);
  });

  test('refuses a second weight of the layer', async () => {
    if ('m.weight' in tensors || name === 'mxfp4') return expect(Object.keys(tensors)).not.toEqual([]);
    await expect(read(settings, { ...tensors, 'm.weight': ['f32', [2, 2]] })).rejects.toThrow(
      'and m.weight; a layer has one weight.',
    );
  });
});

const fixed = 'Fix: check that the weight files are complete and belong to config.json.';
const instead = 'Fix: hand over what reads it, or take another form of the model.';

test.each<[Name, Readonly<Record<string, unknown>>, Readonly<Record<string, Given>>, string]>([
  [
    'gptq',
    {},
    { 'm.g_idx': ['i32', [64], words(...Array.from({ length: 64 }, (_, i) => i % 2))] },
    'desc_act is false, and tensors g_idx have groups in another order, which counts',
  ],
  [
    'gptq',
    {},
    { 'm.qzeros': ['i32', [2, 1], 0x11] },
    'sym is true, and tensors qzeros have other zero points than 8, which count',
  ],
  [
    'awq',
    { zero_point: false },
    {},
    'zero_point is false, and tensors qzeros have other zero points than 8, which count',
  ],
  [
    'bitsandbytes',
    { bnb_4bit_quant_type: 'fp4' },
    {},
    'bnb_4bit_quant_type is "fp4", and layers have nf4, which counts',
  ],
  [
    'bitsandbytes',
    { bnb_4bit_use_double_quant: true },
    {},
    'bnb_4bit_use_double_quant is true, and layers are compressed once, which counts',
  ],
  [
    'packed',
    {},
    { 'm.weight_zero_point': ['i32', [1, 2], 0x11] },
    'symmetric is true, and layers have zero points, which count',
  ],
])('%s with %j and %j is warned of', async (name, changes, tensors, sentence) => {
  const sample: Sample = samples[name];
  expect(await read({ ...sample.settings, ...changes }, { ...sample.tensors, ...tensors })).toEqual([
    `config.json: quantization_config: ${sentence}`,
  ]);
});

test('what tensors say counts more than what settings of HQQ say', async () => {
  const settings = { quant_method: 'hqq', quant_config: { weight_quant_params: { nbits: 8 }, foo: 1 } };
  expect(await read(settings, samples.hqq.tensors as Sample['tensors'])).toEqual([
    'config.json: quantization_config.quant_config has "foo", which nothing here uses',
    'config.json: quantization_config.quant_config.weight_quant_params: nbits is 8, and tensors nbits say 4, which counts',
  ]);
});

const groupsWith = (changes: object): Readonly<Record<string, unknown>> => ({
  config_groups: { group_0: { weights: { ...weights, ...changes } } },
});
test.each<[Name, Readonly<Record<string, unknown>>, Readonly<Record<string, Given>>, string]>([
  [
    'gptq',
    { format: 'gptq_v2', checkpoint_format: 'gptq' },
    {},
    `[config.json] quantization_config cannot be read: checkpoint_format is "gptq" and format is "gptq_v2"; they are two names of one thing. ${instead}`,
  ],
  [
    'gptq',
    { dynamic: { '+:.*down.*': { bits: 8 } } },
    {},
    `[config.json] quantization_config cannot be read: dynamic has "+:.*down.*"; all layers are read with the same settings. ${instead}`,
  ],
  [
    'gptq',
    { desc_act: true },
    {},
    `[m] there is no tensor m.g_idx; desc_act is true, and it says the order of groups. ${fixed}`,
  ],
  ['gptq', {}, { 'm.g_idx': ['i64', [64]] }, `[m] m.g_idx is stored as i64; it is i32. ${fixed}`],
  [
    'gptq',
    { sym: 'yes' },
    {},
    `[config.json] quantization_config cannot be read: sym is "yes"; it is true or false. ${instead}`,
  ],
  [
    'gptq',
    {},
    { 'm.qweight': ['i32', [64]] },
    `[m] m.qweight has shape [64]; it is a matrix of at least one row and column. ${fixed}`,
  ],
  ['gptq', { bits: 3 }, {}, `[m] m.qweight has 8 rows; bits is 3, so they are a multiple of it. ${fixed}`],
  [
    'awq',
    { w_bit: 8 },
    {},
    `[config.json] quantization_config cannot be read: bits is 4 and w_bit is 8; they are two names of one thing. ${instead}`,
  ],
  [
    'packed',
    groupsWith({ num_bits: 8 }),
    {},
    `[m] m.weight_packed has shape [4, 4]; weight_shape is [4, 32], and num_bits 8. ${fixed}`,
  ],
  [
    'packed',
    groupsWith({ group_size: 8 }),
    {},
    `[m] m has 2 scales in a row of 32 numbers of 4 bits; no group of the settings has as many: they say 8. ${fixed}`,
  ],
  [
    'packed',
    groupsWith({ strategy: 'channel' }),
    {},
    `[config.json] quantization_config.config_groups.group_0.weights cannot be read: group_size is 16 and strategy is "channel"; groups are a strategy of their own. ${instead}`,
  ],
  [
    'packed',
    {},
    { 'm.weight_scale': ['f16', [4, 1], 0x2c] },
    `[m] m has 1 scale in a row of 32 numbers of 4 bits; no group of the settings has as many: they say 16. ${fixed}`,
  ],
  [
    'packed',
    {},
    { 'm.weight_shape': ['i64', [1], longs(4)] },
    `[m] m.weight_shape has shape [1]; it holds 2 numbers. ${fixed}`,
  ],
  [
    'packed',
    { transform_config: { hadamard: {} } },
    {},
    `[config.json] quantization_config cannot be read: transform_config has "hadamard"; activations are not transformed here. ${instead}`,
  ],
  [
    'bitsandbytes',
    { load_in_8bit: true },
    {},
    `[config.json] quantization_config cannot be read: load_in_4bit and load_in_8bit are true; weights have 4 bits or 8. ${instead}`,
  ],
  [
    'bitsandbytes',
    {},
    { [stateName]: described({ quant_type: 'fp4' }) },
    `[m] the quant_state of m has the quant_type "fp4"; the tensor ${stateName} says nf4. ${fixed}`,
  ],
  [
    'bitsandbytes',
    {},
    { [stateName]: described({ nested_offset: 0.1, nested_blocksize: 0 }) },
    `[m] the quant_state of m has the nested_blocksize 0; it is a positive whole number. ${fixed}`,
  ],
  [
    'bitsandbytes',
    {},
    { 'm.weight.absmax': ['u8', [2]] },
    `[m] m.weight.absmax is stored as u8; its quant_state has no nested_offset, so it is f32. ${fixed}`,
  ],
  [
    'bitsandbytes',
    {},
    { 'm.weight.quant_map': ['f32', [8]] },
    `[m] m.weight.quant_map has shape [8]; it is [16]. ${fixed}`,
  ],
  ['fp8', { fmt: 'e5m2' }, {}, `[m] m.weight is stored as f8_e4m3; it is f8_e5m2. ${fixed}`],
  [
    'fp8',
    {},
    { 'm.weight_scale_inv': ['f32', [1]] },
    `[m] m.weight_scale_inv has shape [1]; it is [2, 2]. ${fixed}`,
  ],
  [
    'hqq',
    {},
    { 'm.shape': ['i64', [3], longs(4, 32, 1)] },
    `[m] m.shape has shape [3]; it holds 2 numbers. ${fixed}`,
  ],
  [
    'modelopt',
    { group_size: 32 },
    {},
    `[config.json] quantization_config cannot be read: group_size is 32; NVFP4 has groups of 16. ${instead}`,
  ],
  [
    'modelopt',
    {},
    { 'm.weight_scale_2': ['f32', [2], 0x3c] },
    `[m] m.weight_scale_2 has shape [2]; it is one scale of the whole weight. ${fixed}`,
  ],
  [
    'mxfp4',
    {},
    { m_blocks: ['u8', [16]] },
    `[m] m_blocks has shape [16]; it is rows of groups of 16 bytes. ${fixed}`,
  ],
])('%s with %j and %j is refused', async (name, changes, tensors, message) => {
  const sample: Sample = samples[name];
  await expect(
    read({ ...sample.settings, ...changes }, { ...sample.tensors, ...tensors }),
  ).rejects.toMatchObject({ message });
});

test('groups of the settings that name layers are those of these layers', async () => {
  const { settings, tensors }: Sample = samples.packed;
  const config_groups = {
    group_0: { targets: ['n'], weights: { ...weights, group_size: 20 } },
    group_1: { targets: ['re:[mo]'], weights },
  };
  const both = { ...tensors, 'n.weight': ['f32', [2, 2]] as Given };
  expect(await read({ ...settings, config_groups }, both)).toEqual([]);
  const unnamed = { group_0: { weights: { ...weights, group_size: 20 } }, group_1: { weights } };
  await expect(read({ ...settings, config_groups: unnamed }, tensors)).rejects.toThrow(
    '[m] m has 2 scales in a row of 32 numbers of 4 bits; groups of 20 and of 16 have as many, and one must be meant.',
  );
});
