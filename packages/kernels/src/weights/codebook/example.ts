import type { WeightExample } from '../example.ts';
import { encodeScales } from '../grouped/encode-scales.ts';
import { type GroupedTensor, unpackGrouped } from '../grouped/numbers.ts';
import { randomGrouped, repackedGrouped } from '../grouped/random.ts';
import { codebook, codebookFamily, type CodebookFormat } from './format.ts';
import { codebookCodec, packCodebook } from './pack.ts';
import { codebookQuantizer, roundCodebook } from './quantizer.ts';

export const example: WeightExample<CodebookFormat> = {
  family: codebookFamily,
  codec: codebookCodec,
  formats: [
    codebook(),
    codebook({ bits: 3, group: 32, outer: 8 }),
    codebook({ bits: 8, group: 48, scale: 'f16' }),
    codebook({ bits: 4, group: 64, scale: 'f32', places: 'flat' }),
  ],
  quantizers: ([4, 3, 2] as const).map((bits) => codebookQuantizer({ bits })) as WeightExample['quantizers'],
  tensor: (format, shape, normal) => {
    const code = (): number => Math.floor(Math.abs(normal()) * 2 ** format.bits) % 2 ** format.bits;
    return randomGrouped(format, shape, normal, code, 1);
  },
  repacked: repackedGrouped,
  // With scales, the same table and scales of 1.
  rounded: (format, values, shape) => {
    if (format.scaling.kind === 'unit') return roundCodebook(values, shape, format);
    const plain = roundCodebook(values, shape, codebook({ bits: format.bits })) as GroupedTensor;
    const { codes, sections } = unpackGrouped(plain);
    const ones = format
      .sections(shape)
      .sections.slice(1, -1)
      .map(({ name, sizeBytes }) => {
        if (format.scaling.kind === 'nested' && name === 'scales')
          return [name, new Uint8Array(sizeBytes).fill(1)];
        const type = format.scaling.kind === 'plain' ? format.scaling.scale : 'f16';
        const count = sizeBytes / (type === 'f32' ? 4 : 2);
        return [name, encodeScales('example', name, new Float32Array(count).fill(1), type)];
      });
    const numbers = new Float32Array(sections.numbers!.buffer);
    return packCodebook({ codes, numbers, sections: Object.fromEntries(ones) }, shape, format);
  },
};
