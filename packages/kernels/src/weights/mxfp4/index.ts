export { isMxfp4, mxfp4, mxfp4Family, type Mxfp4Format, type Mxfp4Parameters } from './format.ts';
export { dequantizeMxfp4, mxfp4Codec, packMxfp4, unpackMxfp4, type Mxfp4Parts } from './pack.ts';
export { mxfp4Quantizer } from './quantizer.ts';
