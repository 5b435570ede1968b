import type { Operator } from '../../ir.ts';
import { defineRecurrence } from './define-recurrent.ts';
import { gruKind } from './gru-kind.ts';

/** {@link gru} behind the product of its tokens: `G` `[tokens, batch, directions · 3 · hidden]`. */
export const gruRecurrence: Operator = /* @__PURE__ */ defineRecurrence(gruKind);
