import { type Claim, claimOf } from '../claims.ts';

export const qwen3NextClaim: Claim = /* @__PURE__ */ claimOf('qwen3_next', ['Qwen3NextForCausalLM']);
