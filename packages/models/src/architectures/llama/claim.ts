import { type Claim, claimOf } from '../claims.ts';

export const llamaClaim: Claim = /* @__PURE__ */ claimOf('llama', ['LlamaForCausalLM']);
