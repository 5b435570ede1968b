import { type Claim, claimOf } from '../claims.ts';

export const mamba2Claim: Claim = /* @__PURE__ */ claimOf('mamba2', ['Mamba2ForCausalLM']);
