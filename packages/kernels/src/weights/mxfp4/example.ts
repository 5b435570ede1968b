import type { Quantizer } from '../../contract/quantizer.ts';
import type { WeightExample } from '../example.ts';
import { randomGrouped, repackedGrouped } from '../grouped/random.ts';
import { roundGrouped } from '../grouped/round.ts';
import { mxfp4, mxfp4Family, type Mxfp4Format } from './format.ts';
import { e2m1Numbers } from '../../numbers/e2m1-numbers.ts';
import { mxfp4Codec } from './pack.ts';
import { mxfp4Quantizer } from './quantizer.ts';

export const example: WeightExample<Mxfp4Format> = {
  family: mxfp4Family,
  codec: mxfp4Codec,
  formats: [mxfp4(), mxfp4({ group: 64, scale: 'bf16' })],
  quantizers: [mxfp4Quantizer({ scale: 'search' })] as readonly Quantizer[],
  tensor: (format, shape, normal) =>
    randomGrouped(format, shape, normal, () => Math.floor(Math.abs(normal()) * 5) & 15, 6),
  repacked: repackedGrouped,
  rounded: (format, values, shape) => roundGrouped(format, e2m1Numbers, values, shape),
};
