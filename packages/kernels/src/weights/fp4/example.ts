import type { Quantizer } from '../../contract/quantizer.ts';
import type { WeightExample } from '../example.ts';
import { randomGrouped, repackedGrouped } from '../grouped/random.ts';
import { roundGrouped } from '../grouped/round.ts';
import { fp4, fp4Family, type Fp4Format } from './format.ts';
import { fp4Numbers } from './numbers.ts';
import { fp4Codec } from './pack.ts';
import { fp4Quantizer } from './quantizer.ts';

export const example: WeightExample<Fp4Format> = {
  family: fp4Family,
  codec: fp4Codec,
  formats: [fp4(), fp4({ group: 64, scale: 'f32', places: 'flat' })],
  quantizers: [fp4Quantizer()] as readonly Quantizer[],
  tensor: (format, shape, normal) =>
    randomGrouped(format, shape, normal, () => Math.floor(Math.abs(normal()) * 5) & 15, 1),
  repacked: repackedGrouped,
  rounded: (format, values, shape) => roundGrouped(format, fp4Numbers, values, shape),
};
