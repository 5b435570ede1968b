// Every code of the formats that compressed weights are made of, as tensors.
import type { HostTensor } from '@tilewright/kernels';
import { float8 } from '@tilewright/kernels/weights/float8';
import { fp4, packFp4 } from '@tilewright/kernels/weights/fp4';
import { mxfp4 } from '@tilewright/kernels/weights/mxfp4';
import { nf4, packNf4 } from '@tilewright/kernels/weights/nf4';
import { packGrouped } from '@tilewright/kernels/weights';

/** A table: a tensor whose elements are its codes, in order. */
export interface NumberTable {
  readonly name: string;
  readonly tensor: () => HostTensor;
}

const allCodes = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, code) => code);

export const numberTables: readonly NumberTable[] = [
  {
    name: 'f8-e4m3fn',
    tensor: () => unscaled('e4m3'),
  },
  { name: 'f8-e5m2', tensor: () => unscaled('e5m2') },
  {
    name: 'f4-e2m1',
    tensor: () =>
      packGrouped(
        'table',
        { codes: allCodes(16), sections: { scales: Uint8Array.of(127) } },
        [1, 16],
        mxfp4(),
      ),
  },
  {
    name: 'e8m0',
    // The code of 1 in a row of each scale.
    tensor: () =>
      packGrouped(
        'table',
        { codes: new Uint8Array(256).fill(2), sections: { scales: allCodes(256) } },
        [256, 1],
        mxfp4(),
      ),
  },
  {
    name: 'nf4',
    tensor: () => packNf4({ codes: allCodes(16), scales: Float32Array.of(1) }, [1, 16], nf4()),
  },
  {
    name: 'fp4-bitsandbytes',
    tensor: () => packFp4({ codes: allCodes(16), scales: Float32Array.of(1) }, [1, 16], fp4()),
  },
];

function unscaled(float: 'e4m3' | 'e5m2'): HostTensor {
  const format = float8({ float, scale: 'none' });
  return packGrouped('table', { codes: allCodes(256), sections: {} }, [1, 256], format);
}
