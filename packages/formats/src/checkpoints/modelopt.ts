// NVIDIA's ModelOpt: NVFP4 with a second scale of the whole tensor, which multiplies. Its settings are in a file of their own, or in
// config.json. Source: https://github.com/NVIDIA/TensorRT-Model-Optimizer.
import { nvfp4 } from '@tilewright/kernels/weights/nvfp4';
import { shown } from '../bad-file.ts';
import type { Json } from '../json/parse-json.ts';
import type { Checkpoint } from './checkpoint.ts';
import { bytesOf, expectShape, matrixOf, withWeights } from './layers.ts';
import { nibblesLowFirst, outerScales } from './nibbles.ts';
import { floatWeight } from './scaled-bytes.ts';
import type { Settings } from './settings.ts';

/** Values in a group that shares a scale. */
const groupSize = 16;

function algorithmOf(settings: Settings): Json | undefined {
  const inner = settings.object('quantization');
  const [outside, inside] = [settings.get('quant_algo'), inner?.get('quant_algo')];
  if (outside !== undefined && inside !== undefined && outside !== inside)
    settings.refuse(
      `quant_algo is ${shown(outside)} and quantization.quant_algo is ${shown(inside)}`,
      'they are two names of one thing',
    );
  for (const each of inner ? [settings, inner] : [settings]) {
    const group = each.get('group_size');
    if ((inside ?? outside) === 'NVFP4' && group !== undefined && group !== groupSize)
      each.refuse(`group_size is ${shown(group)}`, `NVFP4 has groups of ${groupSize}`);
    // Which layers stay as they are, their tensors say too; activations and caches are not rounded here.
    each.passOver(
      'config_groups',
      'exclude_modules',
      'ignore',
      'kv_cache_quant_algo',
      'kv_cache_scheme',
      'producer',
    );
  }
  return inside ?? outside;
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
      settings.refuse(`quant_algo is ${shown(algorithm)}`, 'the algorithms read here are NVFP4 and FP8');
    return await withWeights(tensors, '.weight_scale_2', async (layer) => {
      const packed = layer.required('.weight', 'u8');
      const [out, half] = matrixOf(layer, '.weight', packed);
      const scales = layer.required('.weight_scale', 'f8_e4m3');
      expectShape(layer, '.weight_scale', scales.shape, [out, Math.ceil((2 * half) / groupSize)]);
      const outer = await outerScales(
        layer,
        '.weight_scale_2',
        layer.required('.weight_scale_2', 'f32'),
        out,
      );
      return {
        format: nvfp4(),
        shape: [out, 2 * half],
        parts: async () => ({
          codes: nibblesLowFirst(await bytesOf(packed)),
          sections: { scales: await bytesOf(scales), 'outer scales': outer },
        }),
      };
    });
  },
};
