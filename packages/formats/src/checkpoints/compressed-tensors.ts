// compressed-tensors, of vLLM and llm-compressor: each layer says by its tensors how it is stored, the settings how large groups are.
// Source: https://github.com/neuralmagic/compressed-tensors (Apache-2.0).
import { integer } from '@tilewright/kernels/weights/integer';
import { mxfp4 } from '@tilewright/kernels/weights/mxfp4';
import { nvfp4 } from '@tilewright/kernels/weights/nvfp4';
import { shown } from '../bad-file.ts';
import { isJsonObject, type JsonObject } from '../json/parse-json.ts';
import { badSettings, type Checkpoint, type StoredTensors } from './checkpoint.ts';
import {
  bytesOf,
  expectShape,
  fieldAt,
  indexOfGroups,
  type Layer,
  type MadeWeight,
  repeatedRows,
  scaleBytes,
  scaleTypeOf,
  withWeights,
  wordsOf,
} from './layers.ts';
import { nibblesLowFirst, outerScales } from './nibbles.ts';
import { blockOf, floatWeight, scaleGrid } from './scaled-bytes.ts';

/** What the settings say of the weights of some layers. */
interface Scheme {
  readonly bits: unknown;
  readonly group: number | undefined;
  readonly block: readonly [number, number] | undefined;
}

/** Storage formats whose layers are read here. */
const known = [
  'pack-quantized',
  'int-quantized',
  'float-quantized',
  'naive-quantized',
  'nvfp4-pack-quantized',
  'mxfp4-pack-quantized',
  'mixed-precision',
];

function schemesOf(settings: JsonObject): readonly Scheme[] {
  const format = settings.get('format');
  if (typeof format !== 'string' || !known.includes(format))
    throw badSettings(`format is ${shown(format)}`, `the formats read here are ${known.join(', ')}`);
  const sparsity = settings.get('sparsity_config');
  const sparse = isJsonObject(sparsity ?? undefined) ? (sparsity as JsonObject).get('format') : undefined;
  if (typeof sparse === 'string' && /^(sparse|marlin)/.test(sparse))
    throw badSettings(`sparsity_config.format is ${shown(sparse)}`, 'sparse storage is not read here');
  const groups = settings.get('config_groups');
  if (!isJsonObject(groups)) throw badSettings(`config_groups is ${shown(groups)}`, 'it is an object');
  return [...groups.values()].map((each) => {
    const weights = isJsonObject(each) ? each.get('weights') : undefined;
    if (!isJsonObject(weights)) return { bits: undefined, group: undefined, block: undefined };
    const group = weights.get('group_size');
    return {
      bits: weights.get('num_bits'),
      group: typeof group === 'number' && group > 0 ? group : undefined,
      block: blockOf(weights.get('block_structure')),
    };
  });
}

/** Columns that share a scale where there are so many groups: whole rows, or what the settings of these bits say. */
function groupOf(
  layer: Layer,
  schemes: readonly Scheme[],
  bits: number,
  columns: number,
  groups: number,
): number | 'row' {
  if (groups === 1) return 'row';
  const fits = schemes.find(
    ({ bits: b, group }) => b === bits && group !== undefined && Math.ceil(columns / group) === groups,
  );
  return (
    fits?.group ??
    layer.refuse(
      `${layer.name} has ${groups} scales in a row of ${columns} numbers of ${bits} bits`,
      'no group of the settings has as many',
    )
  );
}

async function packedWeight(layer: Layer, schemes: readonly Scheme[]): Promise<MadeWeight | undefined> {
  const packed = layer.required('.weight_packed', 'i32', 'u8');
  if (packed.dtype === 'u8') return fourBitFloats(layer);
  const shapeTensor = layer.required('.weight_shape', 'i64', 'i32');
  const sizes = await bytesOf(shapeTensor);
  const view = new DataView(sizes.buffer, sizes.byteOffset, sizes.byteLength);
  const step = shapeTensor.dtype === 'i64' ? 8 : 4;
  const [out, columns] = [view.getUint32(0, true), view.getUint32(step, true)];
  const wordColumns = packed.shape[1]!;
  const bits = [8, 6, 5, 4, 3, 2, 1].find((each) => Math.ceil((columns * each) / 32) === wordColumns) as
    | 8
    | 4
    | undefined;
  if (bits === undefined || packed.shape[0] !== out)
    return layer.refuse(
      `${layer.name}.weight_packed has shape ${shown(packed.shape)}`,
      `weight_shape is ${shown([out, columns])}`,
    );
  const scales = layer.required('.weight_scale', 'f16', 'bf16', 'f32');
  const groups = scales.shape[1] ?? 1;
  expectShape(layer, '.weight_scale', scales.shape, [out, groups]);
  const scale = scaleTypeOf(layer, '.weight_scale', scales);
  const group = groupOf(layer, schemes, bits, columns, groups);
  const order = layer.optional('.weight_g_idx');
  const index = order && group !== 'row' ? indexOfGroups(await wordsOf(order), group) : undefined;
  const zerosTensor = layer.optional('.weight_zero_point');
  const zeros = zerosTensor && new Uint8Array(out * groups);
  if (zeros) {
    expectShape(layer, '.weight_zero_point', zerosTensor.shape, [Math.ceil((out * bits) / 32), groups]);
    const source = await wordsOf(zerosTensor);
    for (let i = 0; i < zeros.length; i++)
      zeros[i] = fieldAt(bits, Math.floor(i / groups), (word) => source[word * groups + (i % groups)]!);
  }
  const zeroPoint = zeros?.some((zero) => zero !== 2 ** (bits - 1)) ?? false;
  return {
    format: integer({
      bits,
      group,
      zeroPoint,
      scale,
      ...(index && { places: 'indexed' }),
    }),
    shape: [out, columns],
    async parts() {
      const source = await wordsOf(packed);
      const codes = new Uint8Array(out * columns);
      for (let o = 0; o < out; o++)
        for (let i = 0; i < columns; i++)
          codes[o * columns + i] = fieldAt(bits, i, (word) => source[o * wordColumns + word]!);
      return {
        codes,
        sections: {
          scales: await bytesOf(scales),
          ...(zeroPoint && { 'zero points': zeros! }),
          ...(index && { groups: index }),
        },
      };
    },
  };
}

/** NVFP4 where there is a scale of the whole, else MXFP4. */
async function fourBitFloats(layer: Layer): Promise<MadeWeight> {
  const packed = layer.required('.weight_packed', 'u8');
  const [out, half] = packed.shape as [number, number];
  const shape = [out, 2 * half] as const;
  const outer = layer.optional('.weight_global_scale');
  const size = outer ? 16 : 32;
  const scales = layer.required(
    '.weight_scale',
    ...(outer ? (['f8_e4m3'] as const) : (['u8', 'f8_e8m0'] as const)),
  );
  expectShape(layer, '.weight_scale', scales.shape, [out, Math.ceil((2 * half) / size)]);
  return {
    format: outer ? nvfp4({ divides: true }) : mxfp4(),
    shape,
    parts: async () => ({
      codes: nibblesLowFirst(await bytesOf(packed)),
      sections: {
        scales: await bytesOf(scales),
        ...(outer && { 'outer scales': await outerScales(outer, out) }),
      },
    }),
  };
}

/** A weight of bytes: int8 or floats of eight bits. */
async function byteWeight(layer: Layer, schemes: readonly Scheme[]): Promise<MadeWeight | undefined> {
  const weight = layer.required('.weight', 'i8', 'f8_e4m3', 'f8_e5m2');
  const scales = layer.required('.weight_scale', 'f16', 'bf16', 'f32');
  const block = schemes.find((scheme) => scheme.block)?.block;
  const [out, columns] = weight.shape as [number, number];
  const across = scales.shape.length === 2 ? scales.shape[1]! : 1;
  const isByGroup = !block && across > 1;
  if (isByGroup) expectShape(layer, '.weight_scale', scales.shape, [out, across]);
  const grid = isByGroup
    ? {
        rows: out,
        columns: across,
        height: 1,
        width: groupOf(layer, schemes, 8, columns, across),
      }
    : scaleGrid(layer, '.weight_scale', scales.shape, [out, columns], block);
  if (weight.dtype !== 'i8') return floatWeight(layer, weight, '.weight_scale', scales, block, grid);
  const scale = scaleTypeOf(layer, '.weight_scale', scales);
  const zerosTensor = layer.optional('.weight_zero_point');
  if (zerosTensor) expectShape(layer, '.weight_zero_point', zerosTensor.shape, scales.shape);
  // Signed bytes are codes less 128.
  const unsigned = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte ^ 128);
  const zeros = zerosTensor && unsigned(await bytesOf(zerosTensor));
  const zeroPoint = zeros?.some((zero) => zero !== 128) ?? false;
  return {
    format: integer({ bits: 8, group: grid.width, zeroPoint, scale }),
    shape: [out, columns],
    parts: async () => ({
      codes: unsigned(await bytesOf(weight)),
      sections: {
        scales: repeatedRows(await bytesOf(scales), grid.columns * scaleBytes(scale), out, grid.height),
        ...(zeroPoint && {
          'zero points': repeatedRows(zeros!, grid.columns, out, grid.height),
        }),
      },
    }),
  };
}

/** Models that compressed-tensors stores packed, as int8, as fp8, as nvfp4 and as mxfp4. */
export const compressedTensors: Checkpoint = {
  method: 'compressed-tensors',
  async tensors(settings, tensors) {
    const schemes = schemesOf(settings);
    const packed: StoredTensors = await withWeights(tensors, '.weight_packed', (layer) =>
      packedWeight(layer, schemes),
    );
    return await withWeights(packed, '.weight_scale', (layer) => byteWeight(layer, schemes));
  },
};
