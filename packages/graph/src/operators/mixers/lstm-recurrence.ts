import type { Operator } from '../../ir.ts';
import { defineRecurrence } from './define-recurrent.ts';
import { lstmKind } from './lstm-kind.ts';

/** {@link lstm} behind the product of its tokens: `G` `[tokens, batch, directions · 4 · hidden]`. */
export const lstmRecurrence: Operator = /* @__PURE__ */ defineRecurrence(lstmKind);
