export { isNvfp4, nvfp4, nvfp4Family, type Nvfp4Format, type Nvfp4Parameters } from './format.ts';
export { dequantizeNvfp4, nvfp4Codec, packNvfp4, unpackNvfp4, type Nvfp4Parts } from './pack.ts';
export { nvfp4Quantizer, type Nvfp4Grid } from './quantizer.ts';
