import type { HostTensor } from '../../contract/weight-format.ts';
import type { WeightExample } from '../example.ts';
import { randomGrouped, repackedGrouped } from '../grouped/random.ts';
import { roundGrouped } from '../grouped/round.ts';
import { integer, integerFamily, type IntegerFormat } from './format.ts';
import { integerQuantizer } from './quantizer.ts';
import { integerCodec } from './unpack.ts';

const bits = [8, 6, 5, 4, 3, 2, 1] as const;

function tensor(format: IntegerFormat, shape: readonly number[], normal: () => number): HostTensor {
  const most = 2 ** format.bits - 1;
  const middle = 2 ** (format.bits - 1);
  const code = (): number => Math.min(most, Math.max(0, Math.round(middle + (normal() * middle) / 2)));
  return randomGrouped(format, shape, normal, code, middle);
}

export const example: WeightExample<IntegerFormat> = {
  family: integerFamily,
  codec: integerCodec,
  formats: [
    integer({ bits: 8 }),
    integer({ bits: 8, group: 64, zeroPoint: true }),
    integer({ bits: 4 }),
    integer({ bits: 4, group: 128, zeroPoint: true }),
    integer({ bits: 3 }),
    integer({ bits: 3, group: 96, zeroPoint: true }),
    integer({ bits: 6 }),
    integer({
      bits: 5,
      group: 'row',
      scale: 'f32',
      unit: Math.fround(1 / 127),
    }),
    integer({ bits: 5, group: 32, zero: 'minimum' }),
    integer({ bits: 2, group: 64, zero: 1, scale: 'bf16' }),
    integer({ bits: 2, group: 16, zeroPoint: true, scale: 'e8m0' }),
    integer({ bits: 1, group: 24 }),
    integer({ bits: 4, group: 64, zeroPoint: true, zero: 'f16' }),
    integer({ bits: 8, group: 128, zeroPoint: true, scale: 'f32' }),
    integer({
      bits: 4,
      group: 64,
      zeroPoint: true,
      zero: 'f32',
      places: 'across',
    }),
    integer({ bits: 4, group: 128, zeroPoint: true, places: 'indexed' }),
    integer({ bits: 3, group: 50, zeroPoint: true, places: 'flat' }),
    integer({ bits: 6, group: 16, nested: { outer: 16 } }),
    integer({ bits: 4, group: 32, nested: { outer: 8, minimum: true } }),
    integer({
      bits: 2,
      group: 16,
      nested: { outer: 16, inner: 4, minimum: true },
    }),
  ],
  quantizers: bits.flatMap((width) =>
    ([32, 64, 128, 'row'] as const).flatMap((group) =>
      // Of one bit a zero point says what the sign of the scale says without.
      (width === 1 ? [false] : [false, true]).map((zeroPoint) =>
        integerQuantizer({ bits: width, group, zeroPoint }),
      ),
    ),
  ) as WeightExample['quantizers'],
  tensor,
  repacked: repackedGrouped,
  rounded: (format, values, shape) =>
    roundGrouped(
      format,
      Array.from({ length: 2 ** format.bits }, (_, code) => code),
      values,
      shape,
    ),
};
