export { fp4, fp4Family, isFp4, type Fp4Format, type Fp4Parameters } from './format.ts';
export { fp4Numbers } from './numbers.ts';
export { dequantizeFp4, fp4Codec, packFp4, unpackFp4, type Fp4Parts } from './pack.ts';
export { fp4Quantizer } from './quantizer.ts';
