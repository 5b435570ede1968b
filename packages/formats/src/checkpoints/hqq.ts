// HQQ: codes of a view of the weight, `[n / group, group]` or `[group, n / group]`, packed in runs of its rows.
// Source: https://github.com/mobiusml/hqq (Apache-2.0).
import { integer } from '@tilewright/kernels/weights/integer';
import { shown } from '../bad-file.ts';
import type { StoredTensor } from '../safetensors/open.ts';
import type { Checkpoint } from './checkpoint.ts';
import {
  bytesOf,
  expectShape,
  type Layer,
  type MadeWeight,
  scaleTypeOf,
  wholeNumbers,
  withWeights,
} from './layers.ts';
import type { Settings } from './settings.ts';

/** Settings that change no number, or that these readers found by themselves. */
const unread = [
  'channel_wise',
  'compute_dtype',
  'encoded_state_dict',
  'offload_meta',
  'optimize',
  'packing',
  'round_zero',
  'stores_quant_config',
  'unpack_view_dtype',
  'view_as_float',
];

async function numberOf(layer: Layer, suffix: string): Promise<number> {
  const tensor = layer.required(suffix, 'i32', 'u8', 'i64');
  return (await wholeNumbers(layer, suffix, tensor, 1))[0]!;
}

/** A bf16 zero point is an f32 with its lower half zero. */
async function zeroBytes(tensor: StoredTensor, isWide: boolean): Promise<Uint8Array> {
  const bytes = await bytesOf(tensor);
  if (!isWide || tensor.dtype !== 'bf16') return bytes;
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1);
  return new Uint8Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}

async function weightOf(layer: Layer, settings: Settings): Promise<MadeWeight> {
  const packed = layer.required('.W_q', 'u8');
  const [bits, axis, group] = [
    await numberOf(layer, '.nbits'),
    await numberOf(layer, '.axis'),
    await numberOf(layer, '.group_size'),
  ];
  if (![8, 4, 2, 1].includes(bits))
    layer.refuse(`${layer.name}.nbits is ${bits}`, 'whole bytes hold 8, 4, 2 or 1 bits');
  for (const [name, value] of [
    ['nbits', bits],
    ['axis', axis],
    ['group_size', group],
  ] as const)
    if ((settings.get(name) ?? value) !== value)
      settings.warn(
        `${name} is ${shown(settings.get(name))}, and tensors ${name} say ${value}, which counts`,
      );
  if (axis !== 0 && axis !== 1) layer.refuse(`${layer.name}.axis is ${axis}`, 'it is 0 or 1');
  for (const nested of ['.quant_scale', '.quant_zero'])
    if (layer.optional(nested) && (await numberOf(layer, nested)) !== 0)
      layer.refuse(`${layer.name}${nested} is true`, 'scales and zero points are read as numbers');
  for (const name of unread) layer.optional(`.${name}`);
  const shapeTensor = layer.required('.shape', 'i64', 'i32');
  const [out, columns] = (await wholeNumbers(layer, '.shape', shapeTensor, 2)) as [number, number];
  const count = out * columns;
  const groups = count / group;
  if (group < 1 || !Number.isInteger(groups))
    layer.refuse(
      `${layer.name}.group_size is ${group}`,
      `it divides the ${count} numbers of ${shown([out, columns])}`,
    );
  const [viewRows, viewColumns] = axis === 1 ? [groups, group] : [group, groups];
  const runs = 8 / bits;
  const runRows = Math.ceil(viewRows / runs);
  expectShape(layer, '.W_q', packed.shape, [runRows, viewColumns]);
  const [scales, zeros] = [
    layer.required('.scale', 'f16', 'bf16', 'f32'),
    layer.required('.zero', 'f16', 'bf16', 'f32'),
  ];
  for (const [suffix, { shape }] of [
    ['.scale', scales],
    ['.zero', zeros],
  ] as const)
    expectShape(layer, suffix, shape, axis === 1 ? [groups, 1] : [1, groups]);
  const zero = zeros.dtype === 'f16' ? 'f16' : 'f32';
  const isRows = axis === 1 && columns % group === 0;
  return {
    format: integer({
      bits: bits as 8 | 4 | 2 | 1,
      group,
      zeroPoint: true,
      zero,
      scale: scaleTypeOf(layer, '.scale', scales),
      ...(!isRows && { places: axis === 1 ? 'flat' : 'across' }),
    }),
    shape: [out, columns],
    async parts() {
      const bytes = await bytesOf(packed);
      const codes = Uint8Array.from({ length: count }, (_, i) => {
        const [row, column] = [Math.floor(i / viewColumns), i % viewColumns];
        const run = Math.floor(row / runRows);
        return (
          (bytes[(row - run * runRows) * viewColumns + column]! >> (8 - bits * (run + 1))) & (2 ** bits - 1)
        );
      });
      return {
        codes,
        sections: { scales: await bytesOf(scales), 'zero points': await zeroBytes(zeros, zero === 'f32') },
      };
    },
  };
}

/** Models that HQQ compressed to 8, 4, 2 or 1 bits. */
export const hqq: Checkpoint = {
  method: 'hqq',
  async tensors(settings, tensors) {
    // Layers say themselves what they are; settings of single layers stand below their names.
    const all = settings.object('quant_config');
    const ofWeights = all?.object('weight_quant_params');
    all?.passOver('offload_meta', 'scale_quant_params', 'zero_quant_params', ...all.objects());
    for (const name of ['nbits', 'axis', 'group_size']) ofWeights?.get(name);
    ofWeights?.passOver('channel_wise', 'optimize', 'round_zero', 'view_as_float');
    settings.passOver('dynamic_config', 'skip_modules');
    return await withWeights(tensors, '.W_q', (layer) => weightOf(layer, ofWeights ?? settings));
  },
};
