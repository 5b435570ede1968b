// bitsandbytes: nf4 and fp4 in blocks of the flat weight, each with its largest magnitude.
// Source: https://github.com/bitsandbytes-foundation/bitsandbytes (MIT).
import { f16BitsToF32 } from '@tilewright/kernels';
import type { HostTensor } from '@tilewright/kernels/weights';
import { fp4Numbers, isFp4 } from '@tilewright/kernels/weights/fp4';
import { isNf4, nf4Numbers } from '@tilewright/kernels/weights/nf4';
import { firstDifference, firstOther, hasPlainScales, partsOf } from './grouped.ts';
import type { Layout } from './layout.ts';
import { packedNibbles, tensorOf } from './tensors.ts';

/** Blocks of the flat weight, which are groups of rows where rows end with them. */
const blockSizes = [32, 64, 128, 256, 512, 1024, 2048, 4096];

function holds({ format, shape }: HostTensor): boolean {
  if (!isNf4(format) && !isFp4(format)) return false;
  return blockSizes.includes(format.group as number) && hasPlainScales(format, shape, ['f16', 'f32']);
}

/** `nf4` and `fp4`, all layers of one kind; scales become f32. */
export const bitsandbytes: Layout = {
  method: 'bitsandbytes',
  refusal: (layers) =>
    firstOther(layers, holds, 'nf4 and fp4 in groups of a power of two that rows end with') ??
    firstDifference(layers, ({ family }) => family, 'kind of numbers'),
  tensors: (tensor) => {
    const { format, codes, sections } = partsOf(tensor);
    const kind = format.family;
    const { buffer, byteOffset, byteLength } = sections.scales!;
    const isWide = format.scaling.kind === 'plain' && format.scaling.scale === 'f32';
    const scales = isWide
      ? new Float32Array(buffer, byteOffset, byteLength >> 2)
      : Float32Array.from(new Uint16Array(buffer, byteOffset, byteLength >> 1), f16BitsToF32);
    const state = {
      quant_type: kind,
      blocksize: format.group,
      dtype: 'float16',
      shape: tensor.shape,
    };
    const text = new TextEncoder().encode(JSON.stringify(state));
    const packed = packedNibbles(codes, 1);
    return {
      '.weight': tensorOf('u8', [packed.length, 1], packed),
      '.weight.absmax': tensorOf('f32', [scales.length], scales),
      '.weight.quant_map': tensorOf('f32', [16], Float32Array.from(isNf4(format) ? nf4Numbers : fp4Numbers)),
      [`.weight.quant_state.bitsandbytes__${kind}`]: tensorOf('u8', [text.length], text),
    };
  },
  settings: (layers, dense) => {
    const [{ format }] = [...layers.values()] as [HostTensor];
    return {
      quant_method: 'bitsandbytes',
      load_in_4bit: true,
      load_in_8bit: false,
      _load_in_4bit: true,
      _load_in_8bit: false,
      bnb_4bit_quant_type: format.family,
      bnb_4bit_use_double_quant: false,
      bnb_4bit_compute_dtype: 'float16',
      bnb_4bit_quant_storage: 'uint8',
      llm_int8_skip_modules: [...new Set(['lm_head', ...dense])],
    };
  },
};
