import { type Claim, claimOf } from '../claims.ts';

export const mistralClaim: Claim = /* @__PURE__ */ claimOf('mistral', ['MistralForCausalLM']);
