// GPTQ: `qweight` packed along the input, `qzeros` along the output, and `g_idx`, which says of each input its group.
// Source: https://github.com/AutoGPTQ/AutoGPTQ and https://github.com/ModelCloud/GPTQModel.
import { integer } from '@tilewright/kernels/weights/integer';
import { shown } from '../bad-file.ts';
import type { JsonObject } from '../json/parse-json.ts';
import { badSettings, type Checkpoint } from './checkpoint.ts';
import {
  bytesOf,
  expectShape,
  fieldAt,
  indexOfGroups,
  type Layer,
  type MadeWeight,
  scaleBytes,
  scaleTypeOf,
  transposed,
  withWeights,
  wordsOf,
} from './layers.ts';

interface GptqSettings {
  readonly bits: 2 | 3 | 4 | 8;
  /** -1 for whole rows. */
  readonly group: number;
  /** Zero points are stored as they are; in the first version less one. */
  readonly isSecond: boolean;
}

function settingsOf(settings: JsonObject): GptqSettings {
  const bits = settings.get('bits');
  const group = settings.get('group_size');
  const format = settings.get('checkpoint_format') ?? settings.get('format') ?? 'gptq';
  if (bits !== 2 && bits !== 3 && bits !== 4 && bits !== 8)
    throw badSettings(`bits is ${shown(bits)}`, 'GPTQ has 2, 3, 4 or 8');
  if (typeof group !== 'number' || !Number.isInteger(group) || (group < 1 && group !== -1))
    throw badSettings(`group_size is ${shown(group)}`, 'it is a positive number of inputs, or -1');
  if (format !== 'gptq' && format !== 'gptq_v2')
    throw badSettings(`checkpoint_format is ${shown(format)}`, 'the formats read here are gptq and gptq_v2');
  return { bits, group, isSecond: format === 'gptq_v2' };
}

async function weightOf(layer: Layer, { bits, group, isSecond }: GptqSettings): Promise<MadeWeight> {
  const packed = layer.required('.qweight', 'i32');
  const [words, out] = packed.shape as [number, number];
  const columns = (words * 32) / bits;
  const width = group === -1 ? columns : group;
  const groups = Math.ceil(columns / width);
  const zerosTensor = layer.required('.qzeros', 'i32');
  const zeroWords = Math.ceil((out * bits) / 32);
  expectShape(layer, '.qzeros', zerosTensor.shape, [groups, zeroWords]);
  const scales = layer.optional('.scales') ?? layer.required('.scales');
  expectShape(layer, '.scales', scales.shape, [groups, out]);
  const scale = scaleTypeOf(layer, '.scales', scales);
  const order = layer.optional('.g_idx');
  if (order) expectShape(layer, '.g_idx', order.shape, [columns]);
  const index = order && indexOfGroups(await wordsOf(order), width);
  if (index?.some((_, i) => i % 2 === 0 && index[i]! + 256 * index[i + 1]! >= groups))
    layer.refuse(`${layer.name}.g_idx names a group that is not there`, `there are ${groups}`);

  const mask = 2 ** bits - 1;
  const zeroSource = await wordsOf(zerosTensor);
  const zeros = Uint8Array.from({ length: out * groups }, (_, i) => {
    const [o, g] = [Math.floor(i / groups), i % groups];
    return (fieldAt(bits, o, (word) => zeroSource[g * zeroWords + word]!) + (isSecond ? 0 : 1)) & mask;
  });
  const zeroPoint = zeros.some((zero) => zero !== 2 ** (bits - 1));
  const format = integer({
    bits,
    group: groups === 1 && !index ? 'row' : width,
    zeroPoint,
    scale,
    ...(index && { places: 'indexed' }),
  });
  return {
    format,
    shape: [out, columns],
    async parts() {
      const source = await wordsOf(packed);
      const codes = new Uint8Array(out * columns);
      for (let o = 0; o < out; o++)
        for (let i = 0; i < columns; i++)
          codes[o * columns + i] = fieldAt(bits, i, (word) => source[word * out + o]!);
      return {
        codes,
        sections: {
          scales: transposed(await bytesOf(scales), groups, out, scaleBytes(scale)),
          ...(zeroPoint && { 'zero points': zeros }),
          ...(index && { groups: index }),
        },
      };
    },
  };
}

/** Models that GPTQ compressed to 2, 3, 4 or 8 bits, of both versions, in any order of groups. */
export const gptq: Checkpoint = {
  method: 'gptq',
  file: { name: 'quantize_config.json', mark: '.qweight' },
  async tensors(settings, tensors) {
    const read = settingsOf(settings);
    return await withWeights(tensors, '.qweight', (layer) => weightOf(layer, read));
  },
};
