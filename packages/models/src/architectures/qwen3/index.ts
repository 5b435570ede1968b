// Qwen 3 (Yang et al. 2025, arXiv 2505.09388), as in Hugging Face's modeling_qwen3.py: a Llama with heads of their own size,
// whose queries and keys are normalised by heads before they turn.
import { headNorm } from '../../blocks/head-norm.ts';
import type { LanguageTasks } from '../../tasks/language-tasks.ts';
import { type Architecture, defineArchitecture } from '../architecture.ts';
import { configFields, unreadWarnings } from '../config-fields.ts';
import { contextOf, parseDecoderConfig } from '../decoder-config.ts';
import { rotaryDecoder } from '../rotary-decoder.ts';
import { windowsOf } from '../sliding-window.ts';
import { publishedNames } from '../stored-names.ts';
import { qwen3Claim } from './claim.ts';

export const qwen3: Architecture<LanguageTasks> = /* @__PURE__ */ defineArchitecture(qwen3Claim, {
  stored: { 'hugging-face': publishedNames },
  read(json, subject, parts) {
    const fields = configFields(json, subject);
    const config = parseDecoderConfig(
      fields,
      {
        max_position_embeddings: 32_768,
        rms_norm_eps: 1e-6,
        head_dim: 128,
      },
      parts,
    );
    const attention = fields.boolean('attention_bias', false) ? 'attention_bias is true' : undefined;
    const context = contextOf(config);
    const windows = windowsOf(fields, fields.boolean('use_sliding_window', false));
    return {
      context,
      warnings: unreadWarnings(fields),
      build: (options) =>
        rotaryDecoder(
          config,
          context,
          { bias: { qkv: attention, output: attention }, headNorm: headNorm(config.rms_norm_eps), windows },
          options,
        ),
    };
  },
});
