// BERT (Devlin et al. 2018, arXiv 1810.04805), as in Hugging Face's modeling_bert.py: an encoder whose norms stand behind
// the residual sums.
import type { EmbeddingTasks } from '../../tasks/embedding-tasks.ts';
import { type Architecture, defineArchitecture } from '../architecture.ts';
import { configFields, unreadWarnings } from '../config-fields.ts';
import { bertClaim } from './claim.ts';
import { parseBertConfig } from './config.ts';
import { bertGraph } from './graph.ts';
import { bertNames } from './stored.ts';

export const bert: Architecture<EmbeddingTasks> = /* @__PURE__ */ defineArchitecture(bertClaim, {
  stored: { 'hugging-face': bertNames },
  read(json, subject) {
    const fields = configFields(json, subject);
    const config = parseBertConfig(fields);
    return {
      context: { size: config.max_position_embeddings, from: 'max_position_embeddings' },
      warnings: unreadWarnings(fields),
      build: (options) => bertGraph(config, options),
    };
  },
});
