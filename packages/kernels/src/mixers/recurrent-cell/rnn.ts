import {
  activationsId,
  activationsWgsl,
  biasBinding,
  cellActivations,
  type CellOptions,
  gateSum,
  gateSumOf,
} from './activations.ts';
import type { RecurrentCell } from './slots.ts';

/** The plain recurrent network (Elman 1990): `H = f(x + R H⁻)`. */
export function rnnCell(options: CellOptions): RecurrentCell {
  const functions = cellActivations('rnnCell', options, [['tanh', 'x']]);
  const { bias } = options;
  return {
    id: `rnn ${activationsId(functions)}${bias ? ' bias' : ''}`,
    gates: 1,
    late: false,
    memory: false,
    bindings: { ...(bias && { bias: biasBinding(1) }) },
    wgsl: (slot) => `${activationsWgsl(slot, ['f'], functions)}
fn ${slot}(place: CellPlace, x: array<f32, GATES>, h: array<f32, GATES>, before: CellState) -> CellState {
  return CellState(${slot}_f(place.direction, ${gateSum(slot, 1, 0, bias)}), 0.0);
}`,
    reference: {
      step: (input, scope) => ({
        hidden: scope.activate(functions[0]![input.place.direction]!, gateSumOf(input, scope, 1, 0, bias)),
        memory: 0,
      }),
    },
  };
}
