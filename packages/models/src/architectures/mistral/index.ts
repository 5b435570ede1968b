// Mistral (Jiang et al. 2023, arXiv 2310.06825), as in Hugging Face's modeling_mistral.py: a Llama that may see a window
// of keys only, and then keeps no others.
import type { LanguageTasks } from '../../tasks/language-tasks.ts';
import { type Architecture, defineArchitecture } from '../architecture.ts';
import { configFields, unreadWarnings } from '../config-fields.ts';
import { contextOf, parseDecoderConfig } from '../decoder-config.ts';
import { rotaryDecoder } from '../rotary-decoder.ts';
import { windowsOf } from '../sliding-window.ts';
import { publishedNames } from '../stored-names.ts';
import { mistralClaim } from './claim.ts';

export const mistral: Architecture<LanguageTasks> = /* @__PURE__ */ defineArchitecture(mistralClaim, {
  stored: { 'hugging-face': publishedNames },
  read(json, subject, parts) {
    const fields = configFields(json, subject);
    const config = parseDecoderConfig(
      fields,
      {
        max_position_embeddings: 131_072,
        rms_norm_eps: 1e-6,
      },
      parts,
    );
    const context = contextOf(config);
    const windows = windowsOf(fields, true);
    return {
      context,
      warnings: unreadWarnings(fields),
      build: (options) => rotaryDecoder(config, context, { windows }, options),
    };
  },
});
