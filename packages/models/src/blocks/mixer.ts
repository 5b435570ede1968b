import type { DecoderBuilder } from './decoder-builder.ts';

/**
 * What lets the tokens of a sequence see each other: attention, or a recurrence, a scan, a transform in its place. `x` is
 * `[1, tokens, hidden]`, as is the result; `name` stands in front of the names of its weights, `layer` tells its states from
 * those of others.
 */
export type Mixer = (m: DecoderBuilder, x: string, name: string, layer: number) => string;

/** What changes each token by itself: `[1, tokens, hidden]` to the same. */
export type FeedForward = (m: DecoderBuilder, x: string, name: string) => string;
