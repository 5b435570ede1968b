import type { Quantizer } from '../../contract/quantizer.ts';
import type { WeightExample } from '../example.ts';
import { roundWeight } from '../round-weight.ts';
import { nf4, nf4Family, type Nf4Format } from './format.ts';
import { nf4Codec, packNf4, unpackNf4 } from './pack.ts';
import { nf4Quantizer } from './quantizer.ts';

export const example: WeightExample<Nf4Format> = {
  family: nf4Family,
  codec: nf4Codec,
  formats: [nf4(), nf4({ group: 32 }), nf4({ group: 128 })],
  quantizers: [nf4Quantizer(), nf4Quantizer({ group: 32, scale: 'search' })] as readonly Quantizer[],
  tensor: (format, shape, normal) => {
    const [rows, columns] = shape as [number, number];
    const groups = rows * Math.ceil(columns / format.group);
    const code = (): number => Math.min(15, Math.max(0, Math.round(7.5 + 4 * normal())));
    const codes = Uint8Array.from({ length: rows * columns }, code);
    const scales = Float32Array.from({ length: groups }, () => (1 + Math.abs(normal())) / Math.sqrt(columns));
    return packNf4({ codes, scales }, shape, format);
  },
  repacked: (tensor) => packNf4(unpackNf4(tensor), tensor.shape, tensor.format as Nf4Format),
  rounded: ({ group }, values, shape) => roundWeight(nf4Quantizer({ group }), values, shape),
};
