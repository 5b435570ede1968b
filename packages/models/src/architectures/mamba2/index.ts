// Mamba-2 (Dao and Gu 2024, arXiv 2405.21060), as in Hugging Face's modeling_mamba2.py: layers of a state space alone, whose gated
// norm runs over the whole inner size.
import { preNormDecoder } from '../../blocks/pre-norm-decoder.ts';
import { stateSpaceMixer } from '../../blocks/state-space-mixer.ts';
import { recurrentDecoder, unlimited } from '../../blocks/recurrent-decoder.ts';
import type { LanguageTasks } from '../../tasks/language-tasks.ts';
import { type Architecture, defineArchitecture } from '../architecture.ts';
import { type ConfigFields, configFields, unreadWarnings } from '../config-fields.ts';
import { mambaNames, mambaParts, parseMambaFields } from '../mamba-fields.ts';
import { mamba2Claim } from './claim.ts';

export const mamba2: Architecture<LanguageTasks> = /* @__PURE__ */ defineArchitecture(mamba2Claim, {
  stored: { 'hugging-face': mambaNames },
  read(json, subject) {
    const fields = configFields(json, subject);
    const config = parseMambaFields(fields, { state_size: 128, tie_word_embeddings: false });
    const { hidden, vocabulary, layers, epsilon, tied, inner } = config;
    const head_dim = fields.size('head_dim', 64);
    const num_heads = fields.size('num_heads', 128);
    const n_groups = fields.size('n_groups', 8);
    if (num_heads * head_dim !== inner.size)
      fields.refuse(
        { num_heads, head_dim },
        `their product must be expand × hidden_size, which is ${inner.size}`,
      );
    if (num_heads % n_groups !== 0)
      fields.refuse({ num_heads, n_groups }, 'the first must be a multiple of the second');
    // Of a product that Mamba-2 has not.
    fields.get('time_step_rank');
    const steps = timeSteps(fields);
    return {
      context: unlimited,
      warnings: unreadWarnings(fields),
      build: (options) =>
        preNormDecoder(recurrentDecoder(options), {
          hidden,
          vocabulary,
          layers,
          epsilon,
          tied,
          names: mambaParts,
          mixer: stateSpaceMixer({
            ...config,
            heads: num_heads,
            headSize: head_dim,
            groups: n_groups,
            stateSize: config.stateSize.size,
            steps,
          }),
          feedForward: undefined,
        }),
    };
  },
});

/** `time_step_limit`; a file that says nothing sets none. */
function timeSteps(fields: ConfigFields): readonly [number, number] {
  const time_step_limit = fields.get('time_step_limit') ?? [0, Infinity];
  if (Array.isArray(time_step_limit)) {
    const [least, most, ...more]: readonly unknown[] = time_step_limit;
    if (typeof least === 'number' && typeof most === 'number' && more.length === 0)
      if (least >= 0 && most > least) return [least, most];
  }
  return fields.refuse(
    { time_step_limit },
    'it must be two numbers, the first 0 or more and the second above it',
  );
}
