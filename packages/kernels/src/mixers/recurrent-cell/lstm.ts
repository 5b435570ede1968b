import { trueOrFalse } from '../../contract/check-options.ts';
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

export interface LstmOptions extends CellOptions {
  /** Gates see the memory: `cell.peepholes` `[directions, 3, hidden]`, of the input, output and forget gates. */
  readonly peepholes: boolean;
  /** The forget gate is what the input gate leaves: f = 1 − i. */
  readonly couples: boolean;
}

/**
 * The LSTM as ONNX has it (Hochreiter and Schmidhuber 1997; peepholes: Gers and Schmidhuber 2000), its gates i, o, f, c: `C = f ⊙ C⁻ + i ⊙ g(c)`,
 * `H = o ⊙ h(C)` with i, f and o by the first of three functions, f of H⁻ and, with peepholes, of C⁻ (o of C).
 */
export function lstmCell(options: LstmOptions): RecurrentCell {
  const functions = cellActivations(
    'lstmCell',
    options,
    [
      ['sigmoid', 'x'],
      ['tanh', 'x'],
      ['tanh', 'x'],
    ],
    { peepholes: trueOrFalse, couples: trueOrFalse },
  );
  const { bias, peepholes, couples } = options;
  return {
    id: `lstm ${activationsId(functions)}${bias ? ' bias' : ''}${
      peepholes ? ' peepholes' : ''
    }${couples ? ' couples' : ''}`,
    gates: 4,
    late: false,
    memory: true,
    bindings: {
      ...(bias && { bias: biasBinding(4) }),
      ...(peepholes && {
        peepholes: {
          shape: ['directions', 3, 'hidden'],
          dtype: 'float' as const,
        },
      }),
    },
    wgsl: (slot) => {
      const peep = (part: number, memory: string): string =>
        peepholes
          ? ` + ${slot}_peepholes_load((place.direction * 3u + ${part}u) * HIDDEN + place.unit) * ${memory}`
          : '';
      const gate = (at: number): string => gateSum(slot, 4, at, bias);
      return `${activationsWgsl(slot, ['f', 'g', 'h'], functions)}
fn ${slot}(place: CellPlace, x: array<f32, GATES>, h: array<f32, GATES>, before: CellState) -> CellState {
  let i = ${slot}_f(place.direction, ${gate(0)}${peep(0, 'before.memory')});
  let f = ${couples ? '1.0 - i' : `${slot}_f(place.direction, ${gate(2)}${peep(2, 'before.memory')})`};
  let memory = f * before.memory + i * ${slot}_g(place.direction, ${gate(3)});
  let o = ${slot}_f(place.direction, ${gate(1)}${peep(1, 'memory')});
  return CellState(o * ${slot}_h(place.direction, memory), memory);
}`;
    },
    reference: {
      step: (input, scope) => {
        const { direction, unit } = input.place;
        const { tensor, axes, activate, round } = scope;
        const [f, g, h] = functions.map((each) => each[direction]!);
        const gate = (at: number, memory: number, part: number | undefined): number => {
          const sum = gateSumOf(input, scope, 4, at, bias);
          if (!peepholes || part === undefined) return sum;
          return round(
            sum + round(tensor('peepholes')[(direction * 3 + part) * axes.hidden! + unit]! * memory),
          );
        };
        const before = input.before.memory;
        const enters = activate(f!, gate(0, before, 0));
        const stays = couples ? round(1 - enters) : activate(f!, gate(2, before, 2));
        const value = activate(g!, gate(3, before, undefined));
        const memory = round(round(stays * before) + round(enters * value));
        const shows = activate(f!, gate(1, memory, 1));
        return { hidden: round(shows * activate(h!, memory)), memory };
      },
    },
  };
}
