// Tensors as GGUF stores them. Containers are not read yet.
import type { BlockType } from './block-type.ts';
import { bf16, f16, f32 } from './dense-types.ts';
import { iq1_m, iq1_s, iq2_s, iq2_xs, iq2_xxs, iq3_s, iq3_xxs, iq4_nl, iq4_xs } from './i-types.ts';
import { q2_k, q3_k, q4_k, q5_k, q6_k } from './k-types.ts';
import { mxfp4, nvfp4, q1_0, q2_0, q4_0, q4_1, q5_0, q5_1, q8_0, tq1_0, tq2_0 } from './plain-types.ts';

export type { BlockType } from './block-type.ts';

/** Every type of blocks that models are stored in. */
export const blockTypes: readonly BlockType[] = [
  f32,
  f16,
  bf16,
  q4_0,
  q4_1,
  q5_0,
  q5_1,
  q8_0,
  q2_k,
  q3_k,
  q4_k,
  q5_k,
  q6_k,
  iq4_nl,
  iq4_xs,
  tq1_0,
  tq2_0,
  mxfp4,
  nvfp4,
  q1_0,
  q2_0,
  iq2_xxs,
  iq2_xs,
  iq2_s,
  iq3_xxs,
  iq3_s,
  iq1_s,
  iq1_m,
];
