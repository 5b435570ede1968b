import { type Claim, claimOf } from '../claims.ts';

export const qwen3Claim: Claim = /* @__PURE__ */ claimOf('qwen3', ['Qwen3ForCausalLM']);
