import type { Oracle } from '../../contract/check.ts';
import { operandIndex } from '../operand.ts';
import type { MapOperand, MapReference } from './index.ts';

export const mapElementsReference: Oracle = ({ axes, slots, inputs, uniforms, round }) => {
  const { rows, columns } = axes as { rows: number; columns: number };
  const { operands, meaning = (x: number) => x, reading } = slots.compute as MapReference;
  const load = (name: string, at: number): number => {
    const { type, known } = operands[name]!;
    if (known) return type === 'f32' ? Math.fround(known[at]!) : known[at]!;
    return inputs[`compute.${name}`]![at]!;
  };
  const element = (name: string, operand: MapOperand, row: number, column: number): number => {
    const { spread = 'full', places } = operand;
    if (spread === 'uniform') return uniforms[`compute_${name}`]!;
    const at = operandIndex(
      spread,
      row,
      column,
      columns,
      (uniform) => uniforms[`compute_${name}_${uniform}`]!,
    );
    return places ? at : load(name, at);
  };
  const y = Float64Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const parameters = Object.entries(operands)
      .filter(([, { whole }]) => !whole)
      .map(([name, operand]) => element(name, operand, row, column));
    return round(reading ? reading(load, ...parameters) : meaning(...parameters));
  });
  return { y };
};
