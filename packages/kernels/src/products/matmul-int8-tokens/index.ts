// What the kernel computes is in kernel.ts; the format that asks for it in format.ts.
export { int8TokensCodec, int8TokensFamily, withInt8Tokens } from './codec.ts';
export { isInt8Tokens, type Int8TokensFormat } from './format.ts';
export { matmulInt8Tokens } from './kernel.ts';
