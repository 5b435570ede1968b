export { awq, awqScales } from './awq.ts';
export { cast } from './cast.ts';
export { clippedQuantizer, type Clipping, searchedQuantizer } from './clipped.ts';
export { gptq, type GptqConfig } from './gptq.ts';
export { hqq, type HqqConfig } from './hqq.ts';
export { int8Activations, withInt8Activations } from './int8-activations.ts';
export { smoothQuant, type SmoothQuantConfig } from './smooth-quant.ts';
export { type RotateConfig, rotateHeads, rotateResidual } from './rotate.ts';
export { rtn } from './rtn.ts';
