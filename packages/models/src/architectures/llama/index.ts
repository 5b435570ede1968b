// Llama (Touvron et al. 2023, arXiv 2302.13971; grouped queries as in Llama 2 and 3), as in Hugging Face's
// modeling_llama.py.
import type { LanguageTasks } from '../../tasks/language-tasks.ts';
import { type Architecture, defineArchitecture } from '../architecture.ts';
import { configFields, unreadWarnings } from '../config-fields.ts';
import { contextOf } from '../decoder-config.ts';
import { rotaryDecoder } from '../rotary-decoder.ts';
import { publishedNames } from '../stored-names.ts';
import { llamaClaim } from './claim.ts';
import { parseLlamaConfig } from './config.ts';

export const llama: Architecture<LanguageTasks> = /* @__PURE__ */ defineArchitecture(llamaClaim, {
  stored: { 'hugging-face': publishedNames },
  read(json, subject, parts) {
    const fields = configFields(json, subject);
    const config = parseLlamaConfig(fields, parts);
    const context = contextOf(config);
    const attention = config.attention_bias ? 'attention_bias is true' : undefined;
    const mlp = config.mlp_bias ? 'mlp_bias is true' : undefined;
    return {
      context,
      warnings: unreadWarnings(fields),
      build: (options) =>
        rotaryDecoder(config, context, { bias: { qkv: attention, output: attention, mlp } }, options),
    };
  },
});
