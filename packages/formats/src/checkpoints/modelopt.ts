// NVIDIA's ModelOpt: NVFP4 with a second scale of the whole tensor, which multiplies. Its settings are in a file of their own, or in
// config.json. Source: https://github.com/NVIDIA/TensorRT-Model-Optimizer.
import { nvfp4 } from '@tilewright/kernels/weights/nvfp4';
import { shown } from '../bad-file.ts';
import { isJsonObject, type JsonObject } from '../json/parse-json.ts';
import { badSettings, type Checkpoint } from './checkpoint.ts';
import { bytesOf, expectShape, withWeights } from './layers.ts';
import { nibblesLowFirst, outerScales } from './nibbles.ts';
import { floatWeight } from './scaled-bytes.ts';

function algorithmOf(settings: JsonObject): unknown {
  const inner = settings.get('quantization');
  return (isJsonObject(inner) ? inner : settings).get('quant_algo');
}

export const modelopt: Checkpoint = {
  method: 'modelopt',
  file: { name: 'hf_quant_config.json', mark: '.weight_scale' },
  async tensors(settings, tensors) {
    const algorithm = algorithmOf(settings);
    if (algorithm === 'FP8')
      return await withWeights(tensors, '.weight_scale', async (layer) =>
        floatWeight(
          layer,
          layer.required('.weight', 'f8_e4m3'),
          '.weight_scale',
          layer.required('.weight_scale', 'f32', 'bf16', 'f16'),
          undefined,
        ),
      );
    if (algorithm !== 'NVFP4')
      throw badSettings(`quant_algo is ${shown(algorithm)}`, 'the algorithms read here are NVFP4 and FP8');
    return await withWeights(tensors, '.weight_scale_2', async (layer) => {
      const packed = layer.required('.weight', 'u8');
      const [out, half] = packed.shape as [number, number];
      const scales = layer.required('.weight_scale', 'f8_e4m3');
      expectShape(layer, '.weight_scale', scales.shape, [out, Math.ceil((2 * half) / 16)]);
      const outer = layer.required('.weight_scale_2', 'f32');
      return {
        format: nvfp4(),
        shape: [out, 2 * half],
        parts: async () => ({
          codes: nibblesLowFirst(await bytesOf(packed)),
          sections: { scales: await bytesOf(scales), 'outer scales': await outerScales(outer, out) },
        }),
      };
    });
  },
};
