// MXFP4 as gpt-oss has it: experts one after the other, whose rows are folded into one matrix.
// Source: https://huggingface.co/openai/gpt-oss-20b.
import { mxfp4 as format, mxfp4Family } from '@tilewright/kernels/weights/mxfp4';
import { shown } from '../bad-file.ts';
import type { Checkpoint } from './checkpoint.ts';
import { bytesOf, expectShape, withWeights } from './layers.ts';
import { nibblesLowFirst } from './nibbles.ts';

/** The tensor `X` `[experts · rows, in]` of `X_blocks` and `X_scales`. */
export const mxfp4: Checkpoint = {
  method: mxfp4Family.family,
  tensors(settings, tensors) {
    settings.passOver('modules_to_not_convert');
    return withWeights(
      tensors,
      '_blocks',
      async (layer) => {
        const blocks = layer.required('_blocks', 'u8');
        const scales = layer.required('_scales', 'u8', 'f8_e8m0');
        if (blocks.shape.length < 3 || blocks.shape.includes(0))
          layer.refuse(
            `${layer.name}_blocks has shape ${shown(blocks.shape)}`,
            'it is rows of groups of 16 bytes',
          );
        const outer = blocks.shape.slice(0, -2);
        const [groups, bytes] = blocks.shape.slice(-2) as [number, number];
        expectShape(layer, '_scales', scales.shape, [...outer, groups]);
        expectShape(layer, '_blocks', [bytes], [16]);
        return {
          format: format(),
          shape: [outer.reduce((product, size) => product * size, 1), 32 * groups],
          parts: async () => ({
            codes: nibblesLowFirst(await bytesOf(blocks)),
            sections: { scales: await bytesOf(scales) },
          }),
        };
      },
      (name) => name,
    );
  },
};
