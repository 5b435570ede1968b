export { gatedOutput } from './gate.ts';
export {
  additiveMask,
  blockMask,
  booleanMask,
  bothMasks,
  documentMask,
  type MaskShape,
  prefixMask,
} from './masks.ts';
export { ropeLoadK, ropeLoadQ, type RopeLoadOptions } from './rope.ts';
export { alibi, headTemperature, relativeBias } from './scores.ts';
export { sigmoidWeight, sinkSoftmax, squaredReluWeight } from './weights.ts';
