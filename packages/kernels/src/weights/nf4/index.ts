export { isNf4, nf4, nf4Family, type Nf4Format, type Nf4Parameters } from './format.ts';
export { nf4Numbers } from './numbers.ts';
export { dequantizeNf4, nf4Codec, packNf4, unpackNf4, type Nf4Parts } from './pack.ts';
export { nf4Quantizer, type Nf4Grid, type Nf4QuantizerOptions } from './quantizer.ts';
