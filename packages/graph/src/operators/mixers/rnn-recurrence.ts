import type { Operator } from '../../ir.ts';
import { defineRecurrence } from './define-recurrent.ts';
import { rnnKind } from './rnn-kind.ts';

/** {@link rnn} behind the product of its tokens: `G` `[tokens, batch, directions · hidden]`. */
export const rnnRecurrence: Operator = /* @__PURE__ */ defineRecurrence(rnnKind);
