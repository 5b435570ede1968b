import { trueOrFalse } from '../../contract/check-options.ts';
import {
  activationsId,
  activationsWgsl,
  biasAt,
  biasBinding,
  cellActivations,
  type CellOptions,
  gateSum,
  gateSumOf,
} from './activations.ts';
import type { CellInput, CellScope, RecurrentCell } from './slots.ts';

export interface GruOptions extends CellOptions {
  /** The reset gate multiplies the product of the state, with its bias; else the state itself, before the product. */
  readonly resetAfter: boolean;
}

/**
 * The GRU as ONNX has it (Cho et al. 2014, arXiv 1406.1078), its gates z, r, h: `H = (1 − z) ⊙ n + z ⊙ H⁻`, z and r by the first of two functions,
 * n by the second, of `r ⊙ H⁻` (or with `resetAfter` of `r ⊙` what the state comes to).
 */
export function gruCell(options: GruOptions): RecurrentCell {
  const functions = cellActivations(
    'gruCell',
    options,
    [
      ['sigmoid', 'x'],
      ['tanh', 'x'],
    ],
    { resetAfter: trueOrFalse },
  );
  const { bias, resetAfter } = options;
  const gate = (input: CellInput, scope: CellScope, at: number): number =>
    scope.activate(functions[0]![input.place.direction]!, gateSumOf(input, scope, 3, at, bias));
  return {
    id: `gru ${activationsId(functions)}${bias ? ' bias' : ''}${resetAfter ? ' after' : ''}`,
    gates: 3,
    late: !resetAfter,
    memory: false,
    bindings: { ...(bias && { bias: biasBinding(3) }) },
    wgsl: (slot) => {
      const of = (at: number): string => `${slot}_f(place.direction, ${gateSum(slot, 3, at, bias)})`;
      const [ofTokens, ofState] = bias
        ? [` + ${biasAt(slot, 3, 2)}`, `(h[2] + ${biasAt(slot, 3, 5)})`]
        : ['', 'h[2]'];
      return `${activationsWgsl(slot, ['f', 'g'], functions)}
fn ${slot}(place: CellPlace, x: array<f32, GATES>, h: array<f32, GATES>, before: CellState) -> CellState {
  let z = ${of(0)};
  let n = ${slot}_g(place.direction, ${
    resetAfter ? `x[2]${ofTokens} + ${of(1)} * ${ofState}` : gateSum(slot, 3, 2, bias)
  });
  return CellState((1.0 - z) * n + z * before.hidden, 0.0);
}${
        resetAfter
          ? ''
          : `
fn ${slot}_reset(place: CellPlace, x: array<f32, GATES>, h: array<f32, GATES>, hidden: f32) -> f32 { return ${of(
              1,
            )} * hidden; }`
      }`;
    },
    reference: {
      ...(!resetAfter && {
        reset: (input, scope) => scope.round(gate(input, scope, 1) * input.before.hidden),
      }),
      step: (input, scope) => {
        const { tensor, axes, activate, round } = scope;
        const { direction, unit } = input.place;
        const bias2 = (part: number): number =>
          bias ? tensor('bias')[(direction * 6 + part) * axes.hidden! + unit]! : 0;
        const value = resetAfter
          ? round(
              round(input.x[2]! + bias2(2)) + round(gate(input, scope, 1) * round(input.h[2]! + bias2(5))),
            )
          : gateSumOf(input, scope, 3, 2, bias);
        const z = gate(input, scope, 0);
        const n = activate(functions[1]![direction]!, value);
        return {
          hidden: round(round(round(1 - z) * n) + round(z * input.before.hidden)),
          memory: 0,
        };
      },
    },
  };
}
