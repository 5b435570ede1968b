import { type Claim, claimOf } from '../claims.ts';

export const gatedDeltaNetClaim: Claim = /* @__PURE__ */ claimOf('gated_deltanet', [
  'GatedDeltaNetForCausalLM',
]);
