import { type Claim, claimOf } from '../claims.ts';

/** Models with heads of their own are claimed, too: what is in front of the heads is the same. */
export const bertClaim: Claim = /* @__PURE__ */ claimOf('bert', [
  'BertModel',
  'BertForMaskedLM',
  'BertForPreTraining',
]);
