// Qwen 2 and 2.5 (Yang et al. 2024, arXiv 2407.10671), as in Hugging Face's modeling_qwen2.py: a Llama whose q, k and v
// have biases.
import type { LanguageTasks } from '../../tasks/language-tasks.ts';
import { type Architecture, defineArchitecture } from '../architecture.ts';
import { configFields, unreadWarnings } from '../config-fields.ts';
import { contextOf, parseDecoderConfig } from '../decoder-config.ts';
import { rotaryDecoder } from '../rotary-decoder.ts';
import { windowsOf } from '../sliding-window.ts';
import { publishedNames } from '../stored-names.ts';
import { qwen2Claim } from './claim.ts';

export const qwen2: Architecture<LanguageTasks> = /* @__PURE__ */ defineArchitecture(qwen2Claim, {
  stored: { 'hugging-face': publishedNames },
  read(json, subject, parts) {
    const fields = configFields(json, subject);
    const config = parseDecoderConfig(
      fields,
      {
        max_position_embeddings: 32_768,
        rms_norm_eps: 1e-6,
      },
      parts,
    );
    const context = contextOf(config);
    const windows = windowsOf(fields, fields.boolean('use_sliding_window', false));
    return {
      context,
      warnings: unreadWarnings(fields),
      build: (options) =>
        rotaryDecoder(config, context, { bias: { qkv: 'every Qwen 2 has it' }, windows }, options),
    };
  },
});
