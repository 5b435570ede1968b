import type { RopeAngles, RopeFrequencies } from '@tilewright/kernels/rope';
import type { ConfigFields } from '../config-fields.ts';

/** How rotary frequencies are stretched for contexts longer than those of the first training; names as published. */
export interface RopeScaling {
  readonly rope_type: string;
  readonly factor: number;
  /** Default: `max_position_embeddings`. */
  readonly original_max_position_embeddings?: number;
  frequencies(angles: RopeAngles): RopeFrequencies;
}

/** A way of stretching them: a value that whoever opens models hands over, where it is not one of the usual. */
export interface RopeScalingType {
  /** As configs call it. */
  readonly rope_type: string;
  /** Throws `bad-model` for what is missing or wrong. */
  read(fields: ConfigFields, maxPositions: number): RopeScaling;
}
