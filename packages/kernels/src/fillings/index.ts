export * from './attention/index.ts';
export { gatedActivation, swiGlu } from './activation.ts';
export { expressionEpilogue, storeEpilogue, type OperandKind } from './epilogue.ts';
export { columnGain, plainA } from './load-a.ts';
export { observeNothing, rmsObserve } from './observe-a.ts';
export { ropeCacheEpilogue, type RopeCacheOptions } from './rope-cache.ts';
export type {
  ActivationReference,
  EpilogueReference,
  LoadAReference,
  ObserveAReference,
  SlotArguments,
} from './slots.ts';
