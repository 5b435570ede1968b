export { cast } from './cast.ts';
export { gptq, type GptqConfig } from './gptq.ts';
export { fitGrid, nearestCode, type Grid, type GridConfig } from './grid.ts';
export type { IntegerConfig } from './integer-config.ts';
export { rtn } from './rtn.ts';
