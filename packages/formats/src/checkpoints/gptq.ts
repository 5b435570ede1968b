// GPTQ: `qweight` packed along the input, `qzeros` along the output, and `g_idx`, which says of each input its group.
// Source: https://github.com/AutoGPTQ/AutoGPTQ and https://github.com/ModelCloud/GPTQModel.
import { integer } from '@tilewright/kernels/weights/integer';
import { shown } from '../bad-file.ts';
import type { Checkpoint } from './checkpoint.ts';
import {
  bytesOf,
  expectShape,
  fieldAt,
  indexOfGroups,
  type Layer,
  type MadeWeight,
  matrixOf,
  scaleBytes,
  scaleTypeOf,
  transposed,
  withWeights,
  wordsOf,
} from './layers.ts';
import type { Settings } from './settings.ts';

interface GptqSettings {
  readonly bits: 2 | 3 | 4 | 8;
  /** -1 for whole rows. */
  readonly group: number;
  /** Zero points are stored as they are; in the first version less one. */
  readonly isSecond: boolean;
  /** Groups may be other than runs of columns; undefined where the settings do not say. */
  readonly isOrdered: boolean | undefined;
  /** All zero points are in the middle; undefined where the settings do not say. */
  readonly isSymmetric: boolean | undefined;
}

/** How weights were found, and how fast other programs run them. */
const passedOver = [
  'act_group_aware',
  'backend',
  'batch_size',
  'block_name_to_quantize',
  'cache_block_outputs',
  'damp_auto_increment',
  'damp_percent',
  'dataset',
  'disable_exllama',
  'exllama_config',
  'lm_head',
  'max_input_length',
  'meta',
  'model_file_base_name',
  'model_name_or_path',
  'model_seqlen',
  'module_name_preceding_first_block',
  'modules_in_block_to_quantize',
  'modules_to_not_convert',
  'mse',
  'pad_token_id',
  'static_groups',
  'tokenizer',
  'true_sequential',
  'use_cuda_fp16',
  'use_exllama',
  'uuid',
] as const;

function readSettings(settings: Settings): GptqSettings {
  const bits = settings.get('bits');
  const group = settings.get('group_size');
  const format = settings.oneOf('checkpoint_format', 'format') ?? 'gptq';
  if (bits !== 2 && bits !== 3 && bits !== 4 && bits !== 8)
    settings.refuse(`bits is ${shown(bits)}`, 'GPTQ has 2, 3, 4 or 8');
  if (typeof group !== 'number' || !Number.isInteger(group) || (group < 1 && group !== -1))
    return settings.refuse(`group_size is ${shown(group)}`, 'it is a positive number of inputs, or -1');
  if (format !== 'gptq' && format !== 'gptq_v2')
    settings.refuse(`checkpoint_format is ${shown(format)}`, 'the formats read here are gptq and gptq_v2');
  for (const [name, wanted] of [
    ['method', 'gptq'],
    ['pack_dtype', 'int32'],
    ['is_marlin_format', false],
  ] as const)
    if ((settings.get(name) ?? wanted) !== wanted)
      settings.refuse(`${name} is ${shown(settings.get(name))}`, `what is read here has ${shown(wanted)}`);
  // Names of layers that stay as they are begin so; their tensors say it too.
  const own = settings
    .object('dynamic')
    ?.names()
    .find((name) => !name.startsWith('-:'));
  if (own !== undefined)
    settings.refuse(`dynamic has ${shown(own)}`, 'all layers are read with the same settings');
  settings.object('dynamic')?.passOver(...settings.object('dynamic')!.names());
  settings.passOver(...passedOver);
  return {
    bits: bits as 4,
    group,
    isSecond: format === 'gptq_v2',
    isOrdered: settings.flag('desc_act'),
    isSymmetric: settings.flag('sym'),
  };
}

async function weightOf(layer: Layer, settings: Settings, given: GptqSettings): Promise<MadeWeight> {
  const { bits, group, isSecond } = given;
  const packed = layer.required('.qweight', 'i32');
  const [words, out] = matrixOf(layer, '.qweight', packed);
  const columns = (words * 32) / bits;
  if (!Number.isInteger(columns))
    layer.refuse(`${layer.name}.qweight has ${words} rows`, `bits is ${bits}, so they are a multiple of it`);
  const width = group === -1 ? columns : group;
  const groups = Math.ceil(columns / width);
  const zerosTensor = layer.required('.qzeros', 'i32');
  const zeroWords = Math.ceil((out * bits) / 32);
  expectShape(layer, '.qzeros', zerosTensor.shape, [groups, zeroWords]);
  const scales = layer.required('.scales', 'f16', 'bf16', 'f32');
  expectShape(layer, '.scales', scales.shape, [groups, out]);
  const scale = scaleTypeOf(layer, '.scales', scales);
  const order = layer.optional('.g_idx', 'i32');
  if (!order && given.isOrdered && groups > 1)
    layer.refuse(
      `there is no tensor ${layer.name}.g_idx`,
      'desc_act is true, and it says the order of groups',
    );
  const index = order && (await indexOfGroups(layer, '.g_idx', order, [columns, width, groups]));
  if (index && given.isOrdered === false)
    settings.warn('desc_act is false, and tensors g_idx have groups in another order, which counts');

  const mask = 2 ** bits - 1;
  const zeroSource = await wordsOf(zerosTensor);
  const zeros = Uint8Array.from({ length: out * groups }, (_, i) => {
    const [o, g] = [Math.floor(i / groups), i % groups];
    return (fieldAt(bits, o, (word) => zeroSource[g * zeroWords + word]!) + (isSecond ? 0 : 1)) & mask;
  });
  const zeroPoint = zeros.some((zero) => zero !== 2 ** (bits - 1));
  if (zeroPoint && given.isSymmetric)
    settings.warn(
      `sym is true, and tensors qzeros have other zero points than ${2 ** (bits - 1)}, which count`,
    );
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
    const read = readSettings(settings);
    return await withWeights(tensors, '.qweight', (layer) => weightOf(layer, settings, read));
  },
};
