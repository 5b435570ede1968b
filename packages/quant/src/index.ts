export { cast } from './cast.ts';
export { gptq, type GptqConfig } from './gptq.ts';
export { rtn } from './rtn.ts';
