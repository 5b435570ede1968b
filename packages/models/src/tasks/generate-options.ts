import { checkedLater, checkOptions, having, type OptionKind, optional } from '@tilewright/kernels';

/** How tokens are chosen, and when to stop. */
export interface GenerateOptions {
  /** Default: as many as the cache has room for. */
  readonly maxTokens?: number;
  /** 0 always takes the likeliest token. Default 0. */
  readonly temperature?: number;
  /** Only the k likeliest tokens; 0 and -1 are no limit. Default 0. */
  readonly topK?: number;
  /** Only the likeliest tokens that together have this probability; 1 is no limit. Default 1. */
  readonly topP?: number;
  /** The same seed gives the same tokens, on every adapter that computes the same logits. Default 0. */
  readonly seed?: number;
  /** Generation ends after one of these (which is still yielded). */
  readonly stopTokens?: readonly number[];
  /**
   * Positions that the model has read already, which the prompt then continues: after a prompt of n tokens and m that it wrote, n + m − 1,
   * since the last one is not read. Default 0: the text begins with the prompt.
   */
  readonly start?: number;
  readonly signal?: AbortSignal;
}

/** Names, and what is not a signal; numbers are looked at where they are used. Throws `bad-argument`. */
export const checkGenerateOptions = (options: GenerateOptions): void =>
  checkOptions('generate', options, {
    maxTokens: checkedLater,
    temperature: checkedLater,
    topK: checkedLater,
    topP: checkedLater,
    seed: checkedLater,
    stopTokens: checkedLater,
    start: checkedLater,
    signal: optional(having('an AbortSignal', 'aborted')),
  } satisfies Record<keyof GenerateOptions, OptionKind>);
