import type { WeightExample } from '../example.ts';
import { randomGrouped, repackedGrouped } from '../grouped/random.ts';
import { roundGrouped } from '../grouped/round.ts';
import { float8, float8Family, type Float8Format } from './format.ts';
import { float8Numbers } from './numbers.ts';
import { float8Codec } from './pack.ts';
import { float8Quantizer } from './quantizer.ts';

export const example: WeightExample<Float8Format> = {
  family: float8Family,
  codec: float8Codec,
  formats: [
    float8(),
    float8({ float: 'e5m2', group: 128 }),
    float8({ scale: 'bf16' }),
    float8({ scale: 'none' }),
    float8({ float: 'e5m2', scale: 'none' }),
  ],
  quantizers: (['e4m3', 'e5m2'] as const).flatMap((float) => [
    float8Quantizer({ float }),
    float8Quantizer({ float, group: 'row' }),
  ]) as WeightExample['quantizers'],
  tensor: (format, shape, normal) => {
    const most = format.float === 'e4m3' ? 126 : 123;
    const code = (): number => {
      const size = Math.min(most, Math.max(0, Math.round(most / 2 + (normal() * most) / 4)));
      return normal() < 0 ? size + 128 : size;
    };
    return randomGrouped(format, shape, normal, code, format.float === 'e4m3' ? 64 : 1024);
  },
  repacked: repackedGrouped,
  rounded: (format, values, shape) => roundGrouped(format, float8Numbers(format.float), values, shape),
};
