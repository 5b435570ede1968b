import type { Oracle } from '../../contract/check.ts';
import { expressionReference } from '../../numbers/expression-reference.ts';
import type { ComputeReference } from './filling.ts';
import { type ElementwiseOperand, operandIndex } from '../operand.ts';

export const elementwiseReference: Oracle = ({ axes, slots, inputs, uniforms, round }) => {
  const { rows, columns } = axes as { rows: number; columns: number };
  const { expression, operands, inPlace } = slots.compute as ComputeReference;
  const valueOf = (name: string, operand: ElementwiseOperand, row: number, column: number): number => {
    if (operand === 'uniform') return uniforms[`compute_${name}`]!;
    const given = (uniform: string): number => uniforms[`compute_${name}_${uniform}`]!;
    return inputs[`compute.${name}`]![operandIndex(operand, row, column, columns, given)]!;
  };
  const y = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const values = Object.entries(operands).map(
        ([name, operand]) => [name, valueOf(name, operand, row, column)] as const,
      );
      y[row * columns + column] = expressionReference(expression, Object.fromEntries(values), round);
    }
  return { [inPlace === undefined ? 'y' : `compute.${inPlace}`]: y };
};
