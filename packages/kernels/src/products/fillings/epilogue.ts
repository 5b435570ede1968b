import { checkOptions, positiveInteger, optional, anyValue } from '../../contract/check-options.ts';
import type { Filling, FillingBinding } from '../../contract/filling.ts';
import {
  checkExpression,
  type Expression,
  expressionId,
  expressionOperands,
  expressionWgsl,
} from '../../numbers/expression.ts';
import { expressionReference } from '../../numbers/expression-reference.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { EpilogueReference } from './slots.ts';

/** The product as it is, stored to `y`. */
export const storeEpilogue: Filling<EpilogueReference> = {
  id: 'store',
  wgsl: (slot) => `fn ${slot}(row: u32, column: u32, v: vec4<f32>) { y_store_quad(row, column, v); }`,
  reference: ({ y }) => ({ y }),
};

/** One number for each element of y, for each row, for each column, or for all. */
export type OperandKind = 'full' | 'row' | 'column' | 'scalar';

/**
 * `y = expression`, in which `acc` is the product and every other name an operand: bias, activation, residual, scale.
 *
 * Bindings: the operands by name, float; `full` ones `[batch, m, columns]`, `row` ones `[batch, m]`, `column` ones
 * `[columns]`, scalars `[1]`. `columns` are the kernel's output columns.
 *
 * @throws `bad-argument` where the names of the expression and of `operands` differ.
 */
export function expressionEpilogue(options: {
  readonly expression: Expression;
  readonly operands?: Readonly<Record<string, OperandKind>>;
  readonly columns: number;
  readonly id?: string;
}): Filling<EpilogueReference> {
  checkOptions('expressionEpilogue', options, {
    expression: anyValue,
    operands: optional(anyValue),
    columns: positiveInteger,
    id: optional(anyValue),
  });
  const { expression, operands = {}, columns } = options;
  checkExpression(expression);
  const wanted = expressionOperands(expression)
    .filter((name) => name !== 'acc')
    .sort();
  const given = Object.keys(operands).sort();
  if (wanted.join() !== given.join())
    throw new TilewrightError('bad-argument', {
      subject: 'expressionEpilogue',
      problem: `the operands ${given.join(', ') || '(none)'}`,
      requirement: `the expression ${expressionId(expression)} has ${wanted.join(', ') || 'none'} besides acc`,
      fix: 'give each operand of the expression its kind, and no other',
    });
  const kinds = Object.entries(operands);
  const width = columns % 4 === 0 ? 4 : 1;
  const shapes: Record<OperandKind, FillingBinding['shape']> = {
    full: ['batch', 'm', columns],
    row: ['batch', 'm'],
    column: [columns],
    scalar: [1],
  };
  const signature = kinds.map(([name, kind]) => `${name}:${kind}`).join(',');
  return {
    id: options.id ?? `${expressionId(expression)}[${signature}]/${columns}`,
    bindings: Object.fromEntries(
      kinds.map(([name, kind]) => [
        name,
        { shape: shapes[kind], dtype: 'float', width: kind === 'full' || kind === 'column' ? width : 1 },
      ]),
    ),
    wgsl: (slot) => {
      const { value, functions } = expressionWgsl(
        expression,
        (name) => (name === 'acc' ? 'v' : `operand_${name}`),
        {
          prefix: `${slot}_`,
        },
      );
      const loads = kinds.map(
        ([name, kind]) => `  let operand_${name} = ${loadOperand(`${slot}_${name}_load`, kind, columns)};`,
      );
      return `${functions}
fn ${slot}(row: u32, column: u32, v: vec4<f32>) {
${loads.join('\n')}
  y_store_quad(row, column, ${value});
}`;
    },
    reference: ({ y, columns: n, inputs, round }) => ({
      y: y.map((acc, i) => {
        const at = { full: i, row: Math.floor(i / n), column: i % n, scalar: 0 };
        const values = kinds.map(([name, kind]) => [name, inputs[name]![at[kind]]!] as const);
        return expressionReference(expression, { acc, ...Object.fromEntries(values) }, round);
      }),
    }),
  };
}

function loadOperand(load: string, kind: OperandKind, columns: number): string {
  if (kind === 'scalar') return `vec4<f32>(${load}(0u))`;
  if (kind === 'row') return `vec4<f32>(${load}(row))`;
  const start = kind === 'full' ? `row * ${columns}u` : '0u';
  if (columns % 4 === 0) return `${load}((${start} + column) / 4u)`;
  // The last quad reaches beyond the row: what is read there is not stored, and stays inside the tensor.
  const lanes = [0, 1, 2, 3].map((i) => `${load}(${start} + min(column + ${i}u, ${columns - 1}u))`);
  return `vec4<f32>(${lanes.join(', ')})`;
}
