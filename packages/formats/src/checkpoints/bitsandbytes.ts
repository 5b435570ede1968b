// bitsandbytes: nf4 and fp4 in blocks of the flat weight, whose largest magnitudes may be compressed again, and int8 by rows.
// Source: https://github.com/bitsandbytes-foundation/bitsandbytes (MIT).
import { codebook } from '@tilewright/kernels/weights/codebook';
import { fp4, fp4Family, fp4Numbers } from '@tilewright/kernels/weights/fp4';
import { integer } from '@tilewright/kernels/weights/integer';
import { nf4, nf4Family, nf4Numbers } from '@tilewright/kernels/weights/nf4';
import { shown } from '../bad-file.ts';
import { isJsonObject, type Json, parseJson } from '../json/parse-json.ts';
import type { StoredTensor } from '../safetensors/open.ts';
import type { Checkpoint, StoredTensors } from './checkpoint.ts';
import { bytesOf, expectShape, type Layer, type MadeWeight, matrixOf, withWeights } from './layers.ts';
import { nibblesHighFirst } from './nibbles.ts';
import { type Settings, settingsOf } from './settings.ts';

const { fround } = Math;

async function numbersOf(tensor: StoredTensor): Promise<Float32Array> {
  const { buffer, byteOffset, byteLength } = await bytesOf(tensor);
  return new Float32Array(buffer, byteOffset, byteLength >> 2);
}

/** The tensor that describes a layer of four bits. */
interface Described {
  readonly kind: string;
  readonly suffix: string;
}
const described = [nf4Family.family, fp4Family.family].map((kind): Described => ({
  kind,
  suffix: `.weight.quant_state.bitsandbytes__${kind}`,
}));

/** How other programs round activations and which layers stay as they are, as their tensors say too. */
const passedOver = [
  'bnb_4bit_compute_dtype',
  'llm_int8_enable_fp32_cpu_offload',
  'llm_int8_has_fp16_weight',
  'llm_int8_skip_modules',
  'llm_int8_threshold',
  'modules_to_not_convert',
] as const;

/** What a layer says of itself, as JSON in a tensor of bytes. */
interface State {
  readonly blocksize: number;
  readonly shape: readonly [number, number];
  /** Undefined where magnitudes are not compressed again. */
  readonly nested: { readonly blocksize: number; readonly offset: number } | undefined;
}

/** A finite number from `least` on. */
const isNumber = (value: unknown, least = -Infinity): value is number =>
  Number.isFinite(value) && Number(value) >= least;
const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && isNumber(value, 1);

async function stateOf(layer: Layer, settings: Settings, { kind, suffix }: Described): Promise<State> {
  const text = new TextDecoder().decode(await bytesOf(layer.required(suffix, 'u8')));
  const json = parseJson(text, { subject: layer.name, part: 'its quant_state', maxDepth: 8 });
  const fields = isJsonObject(json) ? settingsOf(json, layer.name, 'its quant_state') : undefined;
  const field = <T extends Json>(
    name: string,
    fits: (value: Json | undefined) => boolean,
    requirement: string,
  ): T => {
    const value = fields?.get(name);
    if (!fits(value))
      layer.refuse(`the quant_state of ${layer.name} has the ${name} ${shown(value)}`, requirement);
    return value as T;
  };
  field('quant_type', (value) => (value ?? kind) === kind, `the tensor ${layer.name}${suffix} says ${kind}`);
  const result = {
    blocksize: field<number>('blocksize', isSize, 'it is a positive whole number'),
    shape: field<State['shape']>(
      'shape',
      (value) => Array.isArray(value) && value.length === 2 && value.every(isSize),
      'it is that of a matrix',
    ),
    nested:
      fields?.get('nested_offset') === undefined
        ? undefined
        : {
            blocksize: field<number>('nested_blocksize', isSize, 'it is a positive whole number'),
            offset: fround(field<number>('nested_offset', (value) => isNumber(value), 'it is a number')),
          },
  };
  fields?.passOver('dtype', 'nested_blocksize', 'nested_dtype');
  fields?.warnings().forEach((sentence) => settings.warn(sentence));
  return result;
}

/** The largest magnitudes of blocks, which the second compression holds as codes. */
async function magnitudes(layer: Layer, absmax: StoredTensor, { nested }: State): Promise<Uint8Array> {
  if ((absmax.dtype === 'u8') !== (nested !== undefined))
    layer.refuse(
      `${layer.name}.weight.absmax is stored as ${absmax.dtype}`,
      `its quant_state has ${nested ? 'a' : 'no'} nested_offset, so it is ${nested ? 'u8' : 'f32'}`,
    );
  if (!nested) return await bytesOf(absmax);
  const codes = await bytesOf(absmax);
  const [mapTensor, nestedTensor] = [
    layer.required('.weight.nested_quant_map', 'f32'),
    layer.required('.weight.nested_absmax', 'f32'),
  ];
  expectShape(layer, '.weight.nested_quant_map', mapTensor.shape, [256]);
  expectShape(layer, '.weight.nested_absmax', nestedTensor.shape, [
    Math.ceil(codes.length / nested.blocksize),
  ]);
  const [map, largest] = [await numbersOf(mapTensor), await numbersOf(nestedTensor)];
  const values = Float32Array.from(codes, (code, block) =>
    fround(fround(map[code]! * largest[Math.floor(block / nested.blocksize)]!) + nested.offset),
  );
  return new Uint8Array(values.buffer);
}

const same = (a: ArrayLike<number>, b: readonly number[]): boolean =>
  a.length === b.length && b.every((value, i) => value === a[i]);

async function fourBits(layer: Layer, settings: Settings, described: Described): Promise<MadeWeight> {
  const packed = layer.required('.weight', 'u8');
  const state = await stateOf(layer, settings, described);
  const [out, columns] = state.shape;
  const count = out * columns;
  expectShape(layer, '.weight', [packed.sizeBytes], [Math.ceil(count / 2)]);
  const absmax = layer.required('.weight.absmax', 'f32', 'u8');
  expectShape(layer, '.weight.absmax', absmax.shape, [Math.ceil(count / state.blocksize)]);
  const mapTensor = layer.required('.weight.quant_map', 'f32');
  expectShape(layer, '.weight.quant_map', mapTensor.shape, [16]);
  const map = await numbersOf(mapTensor);
  const scales = await magnitudes(layer, absmax, state);
  // Blocks that end with rows are groups of rows.
  const isRows = columns % state.blocksize === 0;
  const parameters = {
    group: state.blocksize,
    scale: 'f32',
    ...(!isRows && ({ places: 'flat' } as const)),
  } as const;
  const isOurs = same(map, nf4Numbers) || same(map, fp4Numbers);
  const ours = same(map, nf4Numbers) ? nf4 : fp4;
  return {
    format: isOurs ? ours(parameters) : codebook({ ...parameters, bits: 4 }),
    shape: [out, columns],
    parts: async () => ({
      codes: nibblesHighFirst(await bytesOf(packed), count),
      sections: { scales, ...(!isOurs && { numbers: new Uint8Array(map.slice().buffer) }) },
    }),
  };
}

async function eightBits(layer: Layer): Promise<MadeWeight> {
  const weight = layer.required('.weight', 'i8');
  const [out, columns] = matrixOf(layer, '.weight', weight);
  const scales = layer.required('.SCB', 'f32');
  expectShape(layer, '.SCB', scales.shape, [out]);
  const order = layer.optional('.weight_format', 'u8');
  const [number] = order ? await bytesOf(order) : [0];
  if (number !== 0)
    layer.refuse(`${layer.name}.weight_format is ${number}`, 'rows one after the other, 0, are read here');
  return {
    format: integer({ bits: 8, group: 'row', scale: 'f32', unit: fround(1 / 127) }),
    shape: [out, columns],
    parts: async () => ({
      codes: (await bytesOf(weight)).map((byte) => byte ^ 128),
      sections: { scales: await bytesOf(scales) },
    }),
  };
}

/** Models that bitsandbytes compressed to nf4, fp4 or int8. */
export const bitsandbytes: Checkpoint = {
  method: 'bitsandbytes',
  async tensors(settings, tensors) {
    const four = settings.oneOf('load_in_4bit', '_load_in_4bit') ?? false;
    const eight = settings.oneOf('load_in_8bit', '_load_in_8bit') ?? false;
    if (four === true && eight === true)
      settings.refuse('load_in_4bit and load_in_8bit are true', 'weights have 4 bits or 8');
    const kind = settings.get('bnb_4bit_quant_type') ?? undefined;
    const isTwice = settings.flag('bnb_4bit_use_double_quant');
    const storage = settings.get('bnb_4bit_quant_storage') ?? 'uint8';
    if (four === true && storage !== 'uint8')
      settings.refuse(`bnb_4bit_quant_storage is ${shown(storage)}`, 'weights are read from bytes, uint8');
    settings.passOver(...passedOver);
    let result: StoredTensors = await withWeights(tensors, '.SCB', (layer) => {
      if (four === true) settings.warn('load_in_4bit is true, and layers have 8 bits, which count');
      return eightBits(layer);
    });
    for (const each of described)
      result = await withWeights(result, each.suffix, (layer) => {
        if (eight === true) settings.warn('load_in_8bit is true, and layers have 4 bits, which count');
        else if (kind !== undefined && kind !== each.kind)
          settings.warn(`bnb_4bit_quant_type is ${shown(kind)}, and layers have ${each.kind}, which counts`);
        else if (isTwice !== undefined && isTwice !== tensors.has(`${layer.name}.weight.nested_absmax`))
          settings.warn(
            `bnb_4bit_use_double_quant is ${isTwice}, and layers are compressed ${isTwice ? 'once' : 'twice'}, which counts`,
          );
        return fourBits(layer, settings, each);
      });
    return result;
  },
};
