// AWQ, version gemm: nibbles of a word are eight outputs in an order of their own.
// Source: https://github.com/casper-hansen/AutoAWQ.
import { integer } from '@tilewright/kernels/weights/integer';
import { shown } from '../bad-file.ts';
import type { Checkpoint } from './checkpoint.ts';
import {
  bytesOf,
  expectShape,
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

/** Which layers stay as they are, as their tensors say too, and how other programs run the rest. */
const passedOver = [
  'backend',
  'do_fuse',
  'exllama_config',
  'fuse_max_seq_len',
  'modules_to_fuse',
  'modules_to_not_convert',
] as const;

/** Of the nibbles of a word, lowest first, the output that each belongs to. */
const order = [0, 2, 4, 6, 1, 3, 5, 7];

/** Nibbles of words `[rows, outputs / 8]` as codes `[outputs, rows]`. */
function unpacked(words: Uint32Array, rows: number, outputs: number): Uint8Array {
  const codes = new Uint8Array(rows * outputs);
  words.forEach((word, at) => {
    const [row, column] = [Math.floor(at / (outputs / 8)), at % (outputs / 8)];
    order.forEach((output, k) => {
      codes[(8 * column + output) * rows + row] = (word >>> (4 * k)) & 15;
    });
  });
  return codes;
}

async function weightOf(layer: Layer, settings: Settings, group: number): Promise<MadeWeight> {
  const packed = layer.required('.qweight', 'i32');
  const [columns, wordColumns] = matrixOf(layer, '.qweight', packed);
  const out = 8 * wordColumns;
  const width = group === -1 ? columns : group;
  const groups = Math.ceil(columns / width);
  const zerosTensor = layer.required('.qzeros', 'i32');
  expectShape(layer, '.qzeros', zerosTensor.shape, [groups, wordColumns]);
  const scales = layer.required('.scales', 'f16', 'bf16', 'f32');
  expectShape(layer, '.scales', scales.shape, [groups, out]);
  const scale = scaleTypeOf(layer, '.scales', scales);
  const zeros = unpacked(await wordsOf(zerosTensor), groups, out);
  const zeroPoint = zeros.some((zero) => zero !== 8);
  if (zeroPoint && settings.flag('zero_point') === false)
    settings.warn('zero_point is false, and tensors qzeros have other zero points than 8, which count');
  return {
    format: integer({ bits: 4, group: groups === 1 ? 'row' : width, zeroPoint, scale }),
    shape: [out, columns],
    parts: async () => ({
      codes: unpacked(await wordsOf(packed), columns, out),
      sections: {
        scales: transposed(await bytesOf(scales), groups, out, scaleBytes(scale)),
        ...(zeroPoint && { 'zero points': zeros }),
      },
    }),
  };
}

/** Models that AWQ compressed to 4 bits. */
export const awq: Checkpoint = {
  method: 'awq',
  file: { name: 'quant_config.json', mark: '.qweight' },
  async tensors(settings, tensors) {
    const bits = settings.oneOf('bits', 'w_bit');
    const group = settings.oneOf('group_size', 'q_group_size');
    const version = settings.get('version') ?? 'gemm';
    if (bits !== 4) settings.refuse(`bits is ${shown(bits)}`, 'AWQ has 4');
    if (String(version).toLowerCase() !== 'gemm')
      settings.refuse(`version is ${shown(version)}`, 'the version read here is gemm');
    if (typeof group !== 'number' || !Number.isInteger(group) || (group < 1 && group !== -1))
      return settings.refuse(`group_size is ${shown(group)}`, 'it is a positive number of inputs, or -1');
    settings.flag('zero_point');
    settings.passOver(...passedOver);
    return await withWeights(tensors, '.qweight', (layer) => weightOf(layer, settings, group));
  },
};
