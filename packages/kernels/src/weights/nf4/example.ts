import type { WeightExample } from '../example.ts';
import { randomGrouped, repackedGrouped } from '../grouped/random.ts';
import { roundGrouped } from '../grouped/round.ts';
import { nf4, nf4Family, type Nf4Format } from './format.ts';
import { nf4Numbers } from './numbers.ts';
import { nf4Codec } from './pack.ts';
import { nf4Quantizer } from './quantizer.ts';

export const example: WeightExample<Nf4Format> = {
  family: nf4Family,
  codec: nf4Codec,
  formats: [nf4(), nf4({ group: 32 }), nf4({ group: 128 }), nf4({ scale: 'f32', places: 'flat' })],
  quantizers: [64, 32, 128].map((group) => nf4Quantizer({ group })) as WeightExample['quantizers'],
  tensor: (format, shape, normal) =>
    randomGrouped(format, shape, normal, () => Math.min(15, Math.max(0, Math.round(7.5 + 4 * normal()))), 1),
  repacked: repackedGrouped,
  rounded: (format, values, shape) => roundGrouped(format, nf4Numbers, values, shape),
};
