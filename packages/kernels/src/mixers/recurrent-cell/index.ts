import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { Problem } from '../../contract/contract.ts';
import { afterInOut, afterWhen, beforeWhen, stateChoices } from '../states.ts';
import { cellOf } from './parts.ts';
import { persistent } from './persistent.ts';
import { rnnCell } from './rnn.ts';
import { steps } from './steps.ts';

function validate(problem: Problem): void {
  const { axes, options } = problem;
  const { id, gates, memory } = cellOf(problem);
  const refuse = (wrong: string, requirement: string, fix: string): never => {
    throw new TilewrightError('bad-argument', {
      subject: 'recurrent-cell',
      problem: wrong,
      requirement,
      fix,
    });
  };
  if (axes.gates !== gates)
    refuse(`gates is ${axes.gates}`, `the cell '${id}' has ${gates}`, `give ${gates} gates`);
  if (axes.directions !== 1 && axes.directions !== 2)
    refuse(`directions is ${axes.directions}`, 'there are one or two', 'give 1 or 2');
  if (axes.directions === 2 && options.reverse === true)
    refuse(
      'both directions are reversed',
      'of two, the second one is, and the first is not',
      'leave reverse out',
    );
  if (memory !== (options.memory !== 'off'))
    refuse(
      `the option memory is '${String(options.memory)}'`,
      `the cell '${id}' ${memory ? 'keeps' : 'does not keep'} one`,
      memory ? "give 'none', 'initial', 'final', 'both' or 'in place'" : "give 'off'",
    );
}

const plainCell = /* @__PURE__ */ rnnCell({ bias: false });

/**
 * A recurrent cell along tokens: `H_t = cell(g_t, R H_{t−1})`, forwards, backwards or both ways, each with weights and a state of its own (LSTM, GRU
 * and plain recurrent networks, as ONNX has them).
 *
 * `g`, what tokens say to the gates, comes from a product: `[tokens, batch, directions, gates, hidden]`; `r` is `[directions, gates, hidden,
 * hidden]`, `y` `[tokens, directions, batch, hidden]`, states `[directions, batch, hidden]`; with the layout `batch first` `[batch, tokens, directions,
 * gates, hidden]`, `[batch, tokens, directions, hidden]` and `[batch, directions, hidden]`. Each is f32 or f16; arithmetic and the state between
 * tokens are f32. `lengths` `[batch]` are the tokens of each row: what lies behind them is not read, y is 0 there, the second direction begins
 * at the row's own last token, and a row without tokens keeps its state. The options `states` and `memory` (of a cell that keeps one; else
 * `off`) say which states are bound, as of gated-scan; without `sequence` y is not.
 *
 * The slot `cell` is the cell: see `lstmCell`, `gruCell`, `rnnCell` of `@tilewright/kernels/fillings`.
 */
export const recurrentCell: Kernel<
  'g' | 'r' | 'lengths' | 'initial' | 'initial_memory',
  'y' | 'final' | 'final_memory'
> = /* @__PURE__ */ defineKernel({
  name: 'recurrent-cell',
  axes: {
    batch: 'dynamic',
    tokens: 'dynamic',
    directions: 'static',
    gates: 'static',
    hidden: 'static',
  },
  inputs: {
    g: {
      shape: ['tokens', 'batch', 'directions', 'gates', 'hidden'],
      shapeWhen: ['layout', 'batch first', ['batch', 'tokens', 'directions', 'gates', 'hidden']],
    },
    r: ['directions', 'gates', 'hidden', 'hidden'],
    lengths: { shape: ['batch'], dtype: 'i32', when: ['lengths', true] },
    initial: {
      shape: ['directions', 'batch', 'hidden'],
      shapeWhen: ['layout', 'batch first', ['batch', 'directions', 'hidden']],
      when: beforeWhen,
    },
    initial_memory: {
      shape: ['directions', 'batch', 'hidden'],
      shapeWhen: ['layout', 'batch first', ['batch', 'directions', 'hidden']],
      when: ['memory', 'initial', 'both'],
    },
  },
  outputs: {
    y: {
      shape: ['tokens', 'directions', 'batch', 'hidden'],
      shapeWhen: ['layout', 'batch first', ['batch', 'tokens', 'directions', 'hidden']],
      when: ['sequence', true],
    },
    final: {
      shape: ['directions', 'batch', 'hidden'],
      shapeWhen: ['layout', 'batch first', ['batch', 'directions', 'hidden']],
      when: afterWhen,
      inOut: afterInOut,
    },
    final_memory: {
      shape: ['directions', 'batch', 'hidden'],
      shapeWhen: ['layout', 'batch first', ['batch', 'directions', 'hidden']],
      when: ['memory', 'final', 'both', 'in place'],
      inOut: ['memory', 'in place'],
    },
  },
  options: {
    layout: ['time first', 'batch first'],
    lengths: [false, true],
    reverse: [false, true],
    sequence: [true, false],
    states: stateChoices,
    memory: ['off', ...stateChoices],
  },
  slots: { cell: { default: plainCell } },
  dtypes: ['f32', 'f16'],
  validate,
  variants: [persistent, steps],
});
