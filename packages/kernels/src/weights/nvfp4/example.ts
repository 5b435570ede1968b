import type { WeightExample } from '../example.ts';
import { randomGrouped, repackedGrouped } from '../grouped/random.ts';
import { nvfp4, nvfp4Family, type Nvfp4Format } from './format.ts';
import { nvfp4Codec, roundNvfp4 } from './pack.ts';

export const example: WeightExample<Nvfp4Format> = {
  family: nvfp4Family,
  codec: nvfp4Codec,
  formats: [nvfp4(), nvfp4({ divides: true })],
  quantizers: [],
  tensor: (format, shape, normal) =>
    randomGrouped(format, shape, normal, () => Math.floor(Math.abs(normal()) * 5) & 15, 6),
  repacked: repackedGrouped,
  rounded: (format, values, shape) => roundNvfp4(values, shape, format),
};
