import type { Quantizer } from '../../contract/quantizer.ts';
import type { HostTensor } from '../../contract/weight-format.ts';
import type { WeightExample } from '../example.ts';
import { roundWeight } from '../round-weight.ts';
import { integer, integerFamily, type IntegerFormat } from './format.ts';
import { packInteger } from './pack.ts';
import { integerQuantizer } from './quantizer.ts';
import { integerCodec, unpackInteger } from './unpack.ts';

function tensor(format: IntegerFormat, shape: readonly number[], normal: () => number): HostTensor {
  const { bits, group, zeroPoint } = format;
  const [rows, columns] = shape as [number, number];
  const groups = rows * Math.ceil(columns / group);
  const most = 2 ** bits - 1;
  const middle = 2 ** (bits - 1);
  const code = (): number => Math.min(most, Math.max(0, Math.round(middle + (normal() * middle) / 2)));
  const parts = {
    codes: Uint8Array.from({ length: rows * columns }, code),
    scales: Float32Array.from(
      { length: groups },
      () => (1 + Math.abs(normal())) / (middle * Math.sqrt(columns)),
    ),
    ...(zeroPoint && { zeroPoints: Uint8Array.from({ length: groups }, code) }),
  };
  return packInteger(parts, shape, format);
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
  ],
  quantizers: [
    integerQuantizer({ bits: 8 }),
    integerQuantizer({ bits: 4, scale: 'search' }),
    integerQuantizer({ bits: 4, group: 64, zeroPoint: true }),
    integerQuantizer({ bits: 3 }),
  ] as readonly Quantizer[],
  tensor,
  repacked: (packed) => packInteger(unpackInteger(packed), packed.shape, packed.format as IntegerFormat),
  rounded: ({ bits, group, zeroPoint }, values, shape) =>
    roundWeight(integerQuantizer({ bits, group, zeroPoint }), values, shape),
};
