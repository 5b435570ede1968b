// GPTQ: what compressed-tensors has no widths for, 2 and 3 bits; 4 and 8 too.
// Source: https://github.com/AutoGPTQ/AutoGPTQ and https://github.com/ModelCloud/GPTQModel.
import {
  firstDifference,
  firstOther,
  groupedFormatOf,
  groupsOf,
  isPlainInteger,
  partsOf,
} from './grouped.ts';
import type { Layout } from './layout.ts';
import { packedFields, tensorOf } from './tensors.ts';

/** Integers of 2, 3, 4 and 8 bits, all layers alike: `(code - zero) · scale`, everything transposed. */
export const gptq: Layout = {
  method: 'gptq',
  refusal: (layers) =>
    firstOther(
      layers,
      (tensor) => {
        const fits = tensor.shape.every((size) => size % 32 === 0);
        return fits && isPlainInteger(tensor, [2, 3, 4, 8], ['f16']);
      },
      'integers of 2, 3, 4 and 8 bits with scales in f16, in whole groups, of sizes that 32 divides',
    ) ??
    firstDifference(layers, ({ bits }) => bits, 'number of bits') ??
    firstDifference(layers, ({ group }) => group, 'group size') ??
    firstDifference(layers, ({ scaling }) => scaling.zero === 'bytes', 'choice of zero points'),
  tensors: (tensor) => {
    const [rows, columns] = tensor.shape as [number, number];
    const { format, codes, sections } = partsOf(tensor);
    const { bits, group } = format;
    const groups = groupsOf(format, columns);
    const zeros = sections['zero points'];
    // Of the first version, whose zero points are stored less one; the second stores them as they are, 0 among them.
    const zeroOf = (g: number, row: number): number =>
      zeros ? zeros[row * groups + g]! : 2 ** (bits - 1) - 1;
    const words = (rows * bits) / 32;
    const scales = halvesOf(sections.scales!);
    return {
      '.qweight': tensorOf(
        'i32',
        [(columns * bits) / 32, rows],
        packedFields(
          bits,
          rows,
          columns,
          (row, i) => codes[row * columns + i]!,
          (row, word) => word * rows + row,
        ),
      ),
      '.qzeros': tensorOf(
        'i32',
        [groups, words],
        packedFields(bits, groups, rows, zeroOf, (g, word) => g * words + word),
      ),
      '.scales': tensorOf(
        'f16',
        [groups, rows],
        Uint16Array.from(scales, (_, i) => scales[(i % rows) * groups + Math.floor(i / rows)]!),
      ),
      '.g_idx': tensorOf(
        'i32',
        [columns],
        Int32Array.from({ length: columns }, (_, i) => (group === 'row' ? 0 : Math.floor(i / group))),
      ),
    };
  },
  settings: (layers) => {
    const format = groupedFormatOf([...layers.values()][0]!);
    const hasZeros = format.scaling.zero === 'bytes';
    return {
      quant_method: 'gptq',
      bits: format.bits,
      group_size: format.group === 'row' ? -1 : format.group,
      desc_act: false,
      sym: !hasZeros,
      lm_head: false,
      checkpoint_format: hasZeros ? 'gptq_v2' : 'gptq',
    };
  },
};

const halvesOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint16Array =>
  new Uint16Array(buffer, byteOffset, byteLength >> 1);
