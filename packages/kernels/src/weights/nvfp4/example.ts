import type { WeightExample } from '../example.ts';
import { randomGrouped, repackedGrouped } from '../grouped/random.ts';
import { roundWeight } from '../round-weight.ts';
import { nvfp4, nvfp4Family, type Nvfp4Format } from './format.ts';
import { nvfp4Codec } from './pack.ts';
import { nvfp4Quantizer } from './quantizer.ts';

export const example: WeightExample<Nvfp4Format> = {
  family: nvfp4Family,
  codec: nvfp4Codec,
  formats: [nvfp4(), nvfp4({ divides: true })],
  quantizers: [nvfp4Quantizer()] as WeightExample['quantizers'],
  tensor: (format, shape, normal) =>
    randomGrouped(format, shape, normal, () => Math.floor(Math.abs(normal()) * 5) & 15, 6),
  repacked: repackedGrouped,
  rounded: ({ divides }, values, shape) =>
    roundWeight(nvfp4Quantizer({ divides }).forTensor([values], shape[1]!), values, shape),
};
