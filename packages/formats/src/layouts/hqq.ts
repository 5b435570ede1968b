// HQQ: integers of one bit, which no other layout has.
// Source: https://github.com/mobiusml/hqq (Apache-2.0).
import { f32ToF16Bits } from '@tilewright/kernels';
import type { HostTensor } from '@tilewright/kernels/weights';
import {
  firstDifference,
  firstOther,
  groupedFormatOf,
  groupsOf,
  isPlainInteger,
  partsOf,
} from './grouped.ts';
import type { Layout } from './layout.ts';
import { tensorOf } from './tensors.ts';

const number = (value: number): HostTensor => tensorOf('i32', [], Int32Array.of(value));
const truth = (value: boolean): HostTensor => tensorOf('u8', [], Uint8Array.of(Number(value)));
function words(text: string): HostTensor {
  const bytes = new TextEncoder().encode(text);
  return tensorOf('u8', [bytes.length], bytes);
}

/** Integers of one bit with zero points in f16; groups are rows of a view of the weight, cut into eight runs that share bytes. */
export const hqq: Layout = {
  method: 'hqq',
  refusal: (layers) =>
    firstOther(
      layers,
      (tensor) => {
        const [rows, columns] = tensor.shape as [number, number];
        const isPlain = isPlainInteger(tensor, [1], ['f16']);
        return isPlain && (rows * groupsOf(groupedFormatOf(tensor), columns)) % 8 === 0;
      },
      'integers of one bit with scales in f16, in whole groups of a number that 8 divides',
    ) ?? firstDifference(layers, ({ group }) => group, 'group size'),
  tensors: (tensor) => {
    const [rows, columns] = tensor.shape as [number, number];
    const { format, codes, sections } = partsOf(tensor);
    const groups = rows * groupsOf(format, columns);
    const width = format.group === 'row' ? columns : format.group;
    const runRows = Math.ceil(groups / 8);
    const packed = new Uint8Array(runRows * width);
    codes.forEach((code, i) => {
      const [row, column] = [Math.floor(i / width), i % width];
      const run = Math.floor(row / runRows);
      packed[(row - run * runRows) * width + column]! |= code << (7 - run);
    });
    // Without zero points codes are less one.
    const zeros = Uint16Array.from({ length: groups }, (_, i) =>
      f32ToF16Bits(sections['zero points']?.[i] ?? 1),
    );
    return {
      '.W_q': tensorOf('u8', [runRows, width], packed),
      '.scale': tensorOf('f16', [groups, 1], sections.scales!),
      '.zero': tensorOf('f16', [groups, 1], zeros),
      '.nbits': number(1),
      '.axis': number(1),
      '.group_size': number(width),
      '.shape': tensorOf('i64', [2], BigInt64Array.of(BigInt(rows), BigInt(columns))),
      '.channel_wise': truth(true),
      '.compute_dtype': words('torch.float16'),
      '.encoded_state_dict': truth(true),
      '.offload_meta': truth(false),
      '.optimize': truth(true),
      '.packing': words('1bit_u8'),
      '.quant_scale': truth(false),
      '.quant_zero': truth(false),
      '.round_zero': truth(false),
      '.stores_quant_config': truth(true),
      '.unpack_view_dtype': words('torch.uint8'),
      '.view_as_float': truth(false),
    };
  },
  settings: (layers, dense) => {
    const [tensor] = [...layers.values()] as [HostTensor];
    const { group } = groupedFormatOf(tensor);
    return {
      quant_method: 'hqq',
      quant_config: {
        offload_meta: false,
        scale_quant_params: null,
        zero_quant_params: null,
        weight_quant_params: {
          nbits: 1,
          axis: 1,
          group_size: group === 'row' ? null : group,
          channel_wise: true,
          optimize: true,
          round_zero: false,
          view_as_float: false,
        },
      },
      skip_modules: [...new Set(['lm_head', ...dense])],
    };
  },
};
