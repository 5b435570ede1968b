import type { Percentiles } from '@tilewright/bench';
import type { Size } from '../model/size-of.ts';
import type { SplitText } from '../model/texts.ts';

/** A model with weights that a recipe made. */
export interface ScoredVariant extends Size {
  readonly name: string;
  /** Nats per token. */
  readonly loss: number;
}

/** A model that has read and written a number of tokens; times are those of this machine. */
export interface LengthRow {
  readonly tokens: number;
  /** Until the first new token, and from one token to the next: the median over repeats, and what a fifth is below and above. */
  readonly readTokensPerSecond: Percentiles;
  readonly writeTokensPerSecond: Percentiles;
  /** Caches and states, with room for these tokens. */
  readonly stateBytes: number;
  /** Counted by the device during one step of one token. */
  readonly dispatchesPerToken: number;
  readonly movedBytesPerToken: number;
}

export interface ComparedModel {
  readonly name: string;
  readonly architecture: string;
  readonly parameters: number;
  /** Tokens that it takes at most, and what says so. */
  readonly context: { readonly size: number; readonly from: string };
  /** What the weights' makers state of their own held-out text. */
  readonly statedLoss: number | null;
  /** Those in f32 first. */
  readonly variants: readonly ScoredVariant[];
  readonly lengths: readonly LengthRow[];
}

/** All figures; what `--json` writes. */
export interface CompareResult {
  readonly adapter: { readonly description: string; readonly software: boolean };
  readonly sources: SplitText['sources'];
  /** Windows scored, and tokens in each. */
  readonly windows: number;
  readonly windowTokens: number;
  readonly models: readonly ComparedModel[];
}
