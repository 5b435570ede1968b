// compressed-tensors, of vLLM and llm-compressor: each layer says by its tensors how it is stored, the settings how large groups are.
// Source: https://github.com/neuralmagic/compressed-tensors (Apache-2.0).
import { integer } from '@tilewright/kernels/weights/integer';
import { mxfp4 } from '@tilewright/kernels/weights/mxfp4';
import { nvfp4 } from '@tilewright/kernels/weights/nvfp4';
import { shown } from '../bad-file.ts';
import type { Checkpoint, StoredTensors } from './checkpoint.ts';
import {
  bytesOf,
  expectShape,
  indexOfGroups,
  type Layer,
  type MadeWeight,
  matrixOf,
  repeatedRows,
  scaleBytes,
  scaleTypeOf,
  wholeNumbers,
  withWeights,
  wordsOf,
} from './layers.ts';
import { nibblesLowFirst, outerScales } from './nibbles.ts';
import {
  checkStrategy,
  groupOf,
  type Scheme,
  schemesFor,
  schemesNaming,
  schemesOf,
  warnOfZeros,
} from './compressed-schemes.ts';
import { floatWeight, scaleGrid } from './scaled-bytes.ts';
import type { Settings } from './settings.ts';

/** A code of words that hold whole codes, lowest first. */
function codeAt(bits: number, index: number, word: (index: number) => number): number {
  const count = Math.floor(32 / bits);
  return (word(Math.floor(index / count)) >>> (bits * (index % count))) & (2 ** bits - 1);
}

async function packedWeight(
  layer: Layer,
  settings: Settings,
  schemes: readonly Scheme[],
): Promise<MadeWeight | undefined> {
  const packed = layer.required('.weight_packed', 'i32', 'u8');
  if (packed.dtype === 'u8') return fourBitFloats(layer, schemes);
  const shapeTensor = layer.required('.weight_shape', 'i64', 'i32');
  const [out, columns] = (await wholeNumbers(layer, '.weight_shape', shapeTensor, 2)) as [number, number];
  const wordColumns = Math.max(0, packed.shape[1] ?? 0);
  // A word holds whole codes only.
  const perWord = (bits: number): number => Math.floor(32 / bits);
  const said = ([8, 6, 5, 4, 3, 2, 1] as const).filter((bits) =>
    schemes.some((scheme) => scheme.bits === bits),
  );
  const bits = said.find((each) => Math.ceil(columns / perWord(each)) === wordColumns);
  if (bits === undefined || packed.shape[0] !== out || packed.shape.length !== 2)
    return layer.refuse(
      `${layer.name}.weight_packed has shape ${shown(packed.shape)}`,
      `weight_shape is ${shown([out, columns])}, and num_bits ${said.join(' or ') || 'not among 1 to 6 and 8'}`,
    );
  const scales = layer.required('.weight_scale', 'f16', 'bf16', 'f32');
  const groups = scales.shape[1] ?? 1;
  expectShape(layer, '.weight_scale', scales.shape, [out, groups]);
  const scale = scaleTypeOf(layer, '.weight_scale', scales);
  const group = groupOf(layer, schemes, bits, columns, groups);
  const order = layer.optional('.weight_g_idx', 'i32');
  const index =
    order &&
    (await indexOfGroups(layer, '.weight_g_idx', order, [
      columns,
      group === 'row' ? columns : group,
      groups,
    ]));
  const zerosTensor = layer.optional('.weight_zero_point', 'i32');
  const zeros = zerosTensor && new Uint8Array(out * groups);
  if (zeros) {
    expectShape(layer, '.weight_zero_point', zerosTensor.shape, [Math.ceil(out / perWord(bits)), groups]);
    const source = await wordsOf(zerosTensor);
    for (let i = 0; i < zeros.length; i++)
      zeros[i] = codeAt(bits, Math.floor(i / groups), (word) => source[word * groups + (i % groups)]!);
  }
  const zeroPoint = zeros?.some((zero) => zero !== 2 ** (bits - 1)) ?? false;
  if (zeroPoint) warnOfZeros(settings, schemes, bits);
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
          codes[o * columns + i] = codeAt(bits, i, (word) => source[o * wordColumns + word]!);
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
async function fourBitFloats(layer: Layer, schemes: readonly Scheme[]): Promise<MadeWeight> {
  const packed = layer.required('.weight_packed', 'u8');
  const [out, half] = matrixOf(layer, '.weight_packed', packed);
  const shape = [out, 2 * half] as const;
  const outer = layer.optional('.weight_global_scale', 'f32');
  const size = outer ? 16 : 32;
  const said = schemesFor(layer, schemes, 4, 'float').flatMap(({ group }) => group ?? []);
  if (said.length > 0 && !said.includes(size))
    layer.refuse(
      `the settings have groups of ${said.join(', ')}`,
      `${layer.name} has ${outer ? 'a' : 'no'} weight_global_scale, so its groups are ${size}`,
    );
  const scales = layer.required(
    '.weight_scale',
    ...(outer ? (['f8_e4m3'] as const) : (['u8', 'f8_e8m0'] as const)),
  );
  expectShape(layer, '.weight_scale', scales.shape, [out, Math.ceil((2 * half) / size)]);
  const outerBytes = outer && (await outerScales(layer, '.weight_global_scale', outer, out));
  return {
    format: outer ? nvfp4({ divides: true }) : mxfp4(),
    shape,
    parts: async () => ({
      codes: nibblesLowFirst(await bytesOf(packed)),
      sections: {
        scales: await bytesOf(scales),
        ...(outerBytes && { 'outer scales': outerBytes }),
      },
    }),
  };
}

/** A weight of bytes: int8 or floats of eight bits. */
async function byteWeight(
  layer: Layer,
  settings: Settings,
  schemes: readonly Scheme[],
): Promise<MadeWeight | undefined> {
  const weight = layer.required('.weight', 'i8', 'f8_e4m3', 'f8_e5m2');
  const scales = layer.required('.weight_scale', 'f16', 'bf16', 'f32');
  const mine = schemesFor(layer, schemes, 8, weight.dtype === 'i8' ? 'int' : 'float');
  const block = mine.find((scheme) => scheme.block)?.block;
  const [out, columns] = matrixOf(layer, '.weight', weight);
  const [rows = 1, across = 1] = scales.shape;
  checkStrategy(layer, mine, scales.shape, [
    ...(rows * across === 1 ? (['tensor'] as const) : []),
    ...(rows === out && across === 1 ? (['channel'] as const) : []),
    ...(rows === out ? (['group'] as const) : []),
    ...(block ? (['block'] as const) : []),
  ]);
  const isByGroup = !block && across > 1;
  if (isByGroup) expectShape(layer, '.weight_scale', scales.shape, [out, across]);
  const grid = isByGroup
    ? { rows: out, columns: across, height: 1, width: groupOf(layer, mine, 8, columns, across) }
    : scaleGrid(layer, '.weight_scale', scales.shape, [out, columns], block);
  if (weight.dtype !== 'i8') return floatWeight(layer, weight, '.weight_scale', scales, block, grid);
  const scale = scaleTypeOf(layer, '.weight_scale', scales);
  const zerosTensor = layer.optional('.weight_zero_point', 'i8');
  if (zerosTensor) expectShape(layer, '.weight_zero_point', zerosTensor.shape, scales.shape);
  // Signed bytes are codes less 128.
  const unsigned = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte ^ 128);
  const zeros = zerosTensor && unsigned(await bytesOf(zerosTensor));
  const zeroPoint = zeros?.some((zero) => zero !== 128) ?? false;
  if (zeroPoint) warnOfZeros(settings, mine, 8);
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
      packedWeight(layer, settings, schemesNaming(layer.name, schemes)),
    );
    return await withWeights(packed, '.weight_scale', (layer) =>
      byteWeight(layer, settings, schemesNaming(layer.name, schemes)),
    );
  },
};
