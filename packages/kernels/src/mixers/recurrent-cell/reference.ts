import type { Oracle, OracleInput } from '../../contract/check.ts';
import { expressionReference } from '../../numbers/expression-reference.ts';
import type { CellReference, CellScope } from './slots.ts';

export const recurrentCellReference: Oracle = (input) => {
  const { axes, options, inputs, round } = input;
  const { batch, tokens, directions, gates, hidden } = axes as Record<string, number>;
  const isBatchFirst = options.layout === 'batch first';
  const { step, reset } = input.slots.cell as CellReference;
  const scope = scopeOf(input);
  const y = new Float64Array(tokens! * directions! * batch! * hidden!);
  const zeros = (): Float64Array => new Float64Array(directions! * batch! * hidden!);
  const final = (inputs.initial ?? inputs.final)?.slice() ?? zeros();
  const final_memory = (inputs.initial_memory ?? inputs.final_memory)?.slice() ?? zeros();
  const units = Array.from({ length: hidden! }, (_, unit) => unit);
  for (let row = 0; row < batch!; row++)
    for (let direction = 0; direction < directions!; direction++) {
      const line = isBatchFirst ? row * directions! + direction : direction * batch! + row;
      const at = line * hidden!;
      let [state, memory] = [final, final_memory].map((each) => each.slice(at, at + hidden!)) as [
        Float64Array,
        Float64Array,
      ];
      const length = Math.min(Math.max(inputs.lengths?.[row] ?? tokens!, 0), tokens!);
      for (let i = 0; i < length; i++) {
        const token = options.reverse || direction === 1 ? length - 1 - i : i;
        const pair = isBatchFirst ? row * tokens! + token : token * batch! + row;
        const product = (gate: number, unit: number, vector: Float64Array): number => {
          const from = ((direction * gates! + gate) * hidden! + unit) * hidden!;
          return vector.reduce((sum, each, k) => round(sum + round(inputs.r![from + k]! * each)), 0);
        };
        const of = (unit: number, mixed: Float64Array | undefined) => ({
          place: { direction, unit },
          x: Array.from(
            { length: gates! },
            (_, gate) => inputs.g![((pair * directions! + direction) * gates! + gate) * hidden! + unit]!,
          ),
          h: Array.from({ length: gates! }, (_, gate) =>
            product(gate, unit, gate === gates! - 1 && mixed ? mixed : state),
          ),
          before: { hidden: state[unit]!, memory: memory[unit]! },
        });
        const mixed = reset && Float64Array.from(units, (unit) => reset(of(unit, undefined), scope));
        const after = units.map((unit) => step(of(unit, mixed), scope));
        [state, memory] = [
          Float64Array.from(after, (each) => each.hidden),
          Float64Array.from(after, (each) => each.memory),
        ];
        const place = isBatchFirst
          ? pair * directions! + direction
          : (token * directions! + direction) * batch! + row;
        y.set(state, place * hidden!);
      }
      final.set(state, at);
      final_memory.set(memory, at);
    }
  const isWritten = (state: unknown): boolean => ['final', 'both', 'in place'].includes(String(state));
  return {
    ...(options.sequence && { y }),
    ...(isWritten(options.states) && { final }),
    ...(isWritten(options.memory) && { final_memory }),
  };
};

const scopeOf = ({ axes, inputs, round }: OracleInput): CellScope => ({
  tensor: (binding) => inputs[`cell.${binding}`]!,
  axes,
  activate: (formula, x) => expressionReference(formula, { x }, round),
  round,
});
