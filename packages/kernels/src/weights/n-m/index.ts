export { expandNM, keptMask, nmCodec, packNM } from './compact.ts';
export { nm, nmFamily, type NMFormat, type NMParameters } from './format.ts';
