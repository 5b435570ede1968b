import type { Operator } from '../../ir.ts';
import { defineRecurrent } from './define-recurrent.ts';
import { lstmKind } from './lstm-kind.ts';
import { lstmRecurrence } from './lstm-recurrence.ts';

/**
 * ONNX `LSTM` (opset 22) of f32 and f16: gates i, o, f, c; `f` sigmoid, `g` and `h` tanh unless `activations` name others. `X` is `[tokens, batch,
 * input]`, `Y` `[tokens, directions, batch, hidden]`, states `[directions, batch, hidden]`, or with `layout` 1 batch first. `W` and `R` are `[directions, 4 ·
 * hidden, …]`, or `[directions · 4 · hidden, …]`, as stored weights have rows: then W may have any format. What lies behind `sequence_lens` is not
 * read, and Y is 0 there; a row without tokens keeps its state, and lengths beyond the tokens count as all of them. `clip` bounds what the gates' functions read, not what `h` does of the
 * memory. States in between are f32, and so they may come in and go out beside f16.
 */
export const lstm: Operator = /* @__PURE__ */ defineRecurrent(lstmKind, lstmRecurrence);
