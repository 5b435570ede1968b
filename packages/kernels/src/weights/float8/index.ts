export {
  float8,
  float8Family,
  isFloat8,
  type Float8,
  type Float8Format,
  type Float8Parameters,
} from './format.ts';
export { dequantizeFloat8, float8Codec, packFloat8, unpackFloat8, type Float8Parts } from './pack.ts';
export { float8Quantizer, type Float8QuantizerOptions } from './quantizer.ts';
