// Mamba (Gu and Dao 2023, arXiv 2312.00752), as in Hugging Face's modeling_mamba.py: layers of a selective scan alone.
import { preNormDecoder } from '../../blocks/pre-norm-decoder.ts';
import { selectiveMixer } from '../../blocks/selective-mixer.ts';
import { recurrentDecoder, unlimited } from '../../blocks/recurrent-decoder.ts';
import type { LanguageTasks } from '../../tasks/language-tasks.ts';
import { type Architecture, defineArchitecture } from '../architecture.ts';
import { configFields, unreadWarnings } from '../config-fields.ts';
import { mambaNames, mambaParts, parseMambaFields } from '../mamba-fields.ts';
import { mambaClaim } from './claim.ts';

export const mamba: Architecture<LanguageTasks> = /* @__PURE__ */ defineArchitecture(mambaClaim, {
  stored: { 'hugging-face': mambaNames },
  read(json, subject) {
    const fields = configFields(json, subject);
    const config = parseMambaFields(fields, { state_size: 16, tie_word_embeddings: true });
    const { hidden, vocabulary, layers, epsilon, tied } = config;
    const rank =
      fields.get('time_step_rank') === 'auto'
        ? Math.ceil(hidden.size / 16)
        : fields.size('time_step_rank', Math.ceil(hidden.size / 16));
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
          mixer: selectiveMixer({ ...config, rank: { size: rank, from: 'time_step_rank' } }),
          feedForward: undefined,
        }),
    };
  },
});
