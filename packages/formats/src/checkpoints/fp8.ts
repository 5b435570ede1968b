// fp8 with a scale for the tensor or for blocks, as DeepSeek and others publish it. `weight_scale_inv`, in spite of its name, multiplies.
// Source: https://huggingface.co/docs/transformers/quantization/finegrained_fp8.
import { shown } from '../bad-file.ts';
import { badSettings, type Checkpoint, type StoredTensors } from './checkpoint.ts';
import { withWeights } from './layers.ts';
import { blockOf, floatWeight } from './scaled-bytes.ts';

export const fp8: Checkpoint = {
  method: 'fp8',
  async tensors(settings, tensors) {
    const block = blockOf(settings.get('weight_block_size'));
    const size = settings.get('weight_block_size') ?? undefined;
    if (size !== undefined && !block)
      throw badSettings(`weight_block_size is ${shown(size)}`, 'it is two positive numbers');
    let result: StoredTensors = tensors;
    for (const suffix of ['.weight_scale_inv', '.weight_scale'])
      result = await withWeights(result, suffix, async (layer) =>
        floatWeight(
          layer,
          layer.required('.weight', 'f8_e4m3', 'f8_e5m2'),
          suffix,
          layer.required(suffix, 'f32', 'bf16', 'f16'),
          block,
        ),
      );
    return result;
  },
};
