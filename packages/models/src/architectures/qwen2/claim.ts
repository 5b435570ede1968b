import { type Claim, claimOf } from '../claims.ts';

export const qwen2Claim: Claim = /* @__PURE__ */ claimOf('qwen2', ['Qwen2ForCausalLM']);
