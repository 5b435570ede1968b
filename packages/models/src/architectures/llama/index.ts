import { type Architecture, defineArchitecture } from '../architecture.ts';
import { configFields, unreadWarnings } from '../config-fields.ts';
import { publishedNames } from '../stored-names.ts';
import type { LanguageTasks } from '../../tasks/language-tasks.ts';
import { llamaClaim } from './claim.ts';
import { parseLlamaConfig } from './config.ts';
import { llamaGraph } from './graph.ts';

export const llama: Architecture<LanguageTasks> = /* @__PURE__ */ defineArchitecture(llamaClaim, {
  stored: { 'hugging-face': publishedNames },
  read(json, subject) {
    const fields = configFields(json, subject);
    const config = parseLlamaConfig(fields, subject);
    return {
      context: { size: config.max_position_embeddings, from: 'max_position_embeddings' },
      warnings: unreadWarnings(fields),
      build: (options) => llamaGraph(config, options),
    };
  },
});
