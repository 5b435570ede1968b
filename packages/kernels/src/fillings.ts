export * from './attention/fillings/index.ts';
export * from './cache/fillings/index.ts';
export {
  elu1Map,
  expMap,
  identityMap,
  reluMap,
  squaredReluMap,
} from './mixers/linear-attention/feature-maps.ts';
export {
  cosSinFeatures,
  type FeatureMap,
  type FeatureRowReference,
  positiveFeatures,
  softmaxFeatures,
  squareFeatures,
  taylor2Features,
} from './mixers/feature-map/maps.ts';
export { sumRatio } from './mixers/linear-attention/ratio.ts';
export { boundedRatio, exponentialGates } from './mixers/linear-attention/matrix-lstm.ts';
export type { CellOptions } from './mixers/recurrent-cell/activations.ts';
export { gruCell, type GruOptions } from './mixers/recurrent-cell/gru.ts';
export { lstmCell, type LstmOptions } from './mixers/recurrent-cell/lstm.ts';
export { rnnCell } from './mixers/recurrent-cell/rnn.ts';
export type {
  CellInput,
  CellPlace,
  CellReference,
  CellScope,
  CellState,
  RecurrentCell,
} from './mixers/recurrent-cell/slots.ts';
export { skipAndGate, stateSpaceGates } from './mixers/linear-attention/state-space.ts';
export type {
  FeatureMapReference,
  FinishReference,
  GatesReference,
  MixerScope,
  TokenPlace,
} from './mixers/linear-attention/slots.ts';
export { gatedActivation, swiGlu } from './products/fillings/activation.ts';
export { expressionEpilogue, storeEpilogue, type OperandKind } from './products/fillings/epilogue.ts';
export { columnGain, plainA } from './products/fillings/load-a.ts';
export { observeNothing, rmsObserve } from './products/fillings/observe-a.ts';
export { ropeCacheEpilogue, type RopeCacheOptions } from './products/fillings/rope-cache.ts';
export type {
  ActivationReference,
  EpilogueReference,
  LoadAReference,
  ObserveAReference,
  SlotArguments,
} from './products/fillings/slots.ts';
export {
  type LineDigit,
  lineFilter,
  type LineFilterOptions,
  spectrumFilter,
  type SpectrumFillings,
  type SpectrumFilterOptions,
} from './spectral/fft/filters.ts';
export {
  cutFront,
  type ElementOrder,
  factorBack,
  factorFront,
  impulseFront,
  shiftBack,
  windowFront,
} from './spectral/fft/fillings.ts';
export type {
  BackReference,
  BetweenReference,
  Complex,
  FourierScope,
  FrontReference,
} from './spectral/fft/slots.ts';
