// fp8 with a scale for the tensor or for blocks, as DeepSeek and others publish it. `weight_scale_inv`, in spite of its name, multiplies.
// Source: https://huggingface.co/docs/transformers/quantization/finegrained_fp8.
import { shown } from '../bad-file.ts';
import type { Checkpoint, StoredTensors } from './checkpoint.ts';
import { expectShape, matrixOf, withWeights } from './layers.ts';
import { blockOf, floatWeight } from './scaled-bytes.ts';

const floats = ['f8_e4m3', 'f8_e5m2'] as const;

export const fp8: Checkpoint = {
  method: 'fp8',
  async tensors(settings, tensors) {
    const size = settings.get('weight_block_size');
    const block = blockOf(size);
    if (size !== undefined && !block)
      settings.refuse(`weight_block_size is ${shown(size)}`, 'it is two positive numbers');
    const float = settings.get('fmt');
    if (float !== undefined && float !== 'e4m3' && float !== 'e5m2')
      settings.refuse(`fmt is ${shown(float)}`, 'e4m3 and e5m2 are known');
    // Which layers stay as they are, their tensors say too; activations are not rounded here, and scales are read as they are.
    settings.passOver('activation_scheme', 'ignored_layers', 'modules_to_not_convert', 'scale_fmt');
    let result: StoredTensors = tensors;
    for (const suffix of ['.weight_scale_inv', '.weight_scale'])
      result = await withWeights(result, suffix, async (layer) => {
        const weight = layer.required(
          '.weight',
          ...floats.filter((each) => float === undefined || each === `f8_${float}`),
        );
        const scales = layer.required(suffix, 'f32', 'bf16', 'f16');
        const [out, columns] = matrixOf(layer, '.weight', weight);
        if (block && suffix === '.weight_scale_inv')
          expectShape(layer, suffix, scales.shape, [
            Math.ceil(out / block[0]),
            Math.ceil(columns / block[1]),
          ]);
        return floatWeight(layer, weight, suffix, scales, block);
      });
    return result;
  },
};
