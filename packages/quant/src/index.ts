export { cast } from './cast.ts';
export { gptq, type GptqConfig } from './gptq.ts';
export { smoothQuant, type SmoothQuantConfig } from './smooth-quant.ts';
export { rtn } from './rtn.ts';
