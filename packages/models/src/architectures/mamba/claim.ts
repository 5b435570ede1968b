import { type Claim, claimOf } from '../claims.ts';

export const mambaClaim: Claim = /* @__PURE__ */ claimOf('mamba', ['MambaForCausalLM']);
