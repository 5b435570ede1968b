// What cells have in common: activations that may differ by direction, and biases as ONNX packs them.
import {
  checkOptions,
  listOf,
  optional,
  trueOrFalse,
  type OptionKind,
} from '../../contract/check-options.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { FillingBinding } from '../../contract/filling.ts';
import {
  checkExpression,
  type Expression,
  expressionId,
  expressionOperands,
  expressionWgsl,
} from '../../numbers/expression.ts';
import type { CellInput, CellScope } from './slots.ts';

/** Options that every cell has. */
export interface CellOptions {
  /**
   * Formulas of `x`, as many as the cell has functions, in ONNX's order; twice as many where the second direction has its own. Default
   * sigmoid for gates and tanh for values.
   */
  readonly activations?: readonly Expression[];
  /** Biases are added: `cell.bias` `[directions, 2 · gates, hidden]`, those of the tokens before those of the state. */
  readonly bias: boolean;
}

const formula: OptionKind = {
  what: 'a formula',
  accepts: (value) => typeof value === 'number' || typeof value === 'string' || Array.isArray(value),
};

/** The functions of a cell by direction. Throws `bad-argument` for options that are not its own, and formulas of anything but `x`. */
export function cellActivations(
  subject: string,
  options: CellOptions,
  defaults: readonly Expression[],
  rest: Readonly<Record<string, OptionKind>> = {},
): readonly (readonly [Expression, Expression])[] {
  checkOptions(subject, options, {
    activations: optional(listOf(formula)),
    bias: trueOrFalse,
    ...rest,
  });
  const { activations = defaults } = options;
  const count = defaults.length;
  const refuse = (problem: string, requirement: string, fix: string): never => {
    throw new TilewrightError('bad-argument', {
      subject,
      problem,
      requirement,
      fix,
    });
  };
  if (activations.length !== count && activations.length !== 2 * count)
    refuse(
      `there are ${activations.length} activations`,
      `a direction has ${count}, both have ${2 * count}`,
      `give ${count} or ${2 * count}`,
    );
  for (const each of activations) {
    checkExpression(each);
    const strange = expressionOperands(each).find((name) => name !== 'x');
    if (strange !== undefined)
      refuse(`the activation ${expressionId(each)} reads '${strange}'`, 'its operand is x', 'write x');
  }
  return defaults.map((_, i) => [activations[i]!, activations[count + i] ?? activations[i]!]);
}

/** `fn <slot>_<name>(direction: u32, x: f32) -> f32` for each name. */
export const activationsWgsl = (
  slot: string,
  names: readonly string[],
  functions: readonly (readonly [Expression, Expression])[],
): string =>
  functions
    .map(([forth, back], i) => {
      const name = `${slot}_${names[i]!}`;
      const one = written(forth, `${name}_`);
      const isAlike = expressionId(forth) === expressionId(back);
      const other = isAlike ? undefined : written(back, `${name}_back_`);
      return `${one.functions}${other ? `\n${other.functions}` : ''}
fn ${name}(direction: u32, x: f32) -> f32 {${
        other ? `\n  if (direction == 1u) { return ${other.value}; }` : ''
      }
  return ${one.value};
}`;
    })
    .join('\n');

const written = (formula: Expression, prefix: string) =>
  expressionWgsl(formula, (name) => name, { type: 'f32', prefix });

/** Names the functions of a cell. */
export const activationsId = (functions: readonly (readonly [Expression, Expression])[]): string =>
  functions.map(([forth, back]) => [...new Set([forth, back].map(expressionId))].join('/')).join(' ');

export const biasBinding = (gates: number): FillingBinding => ({
  shape: ['directions', 2 * gates, 'hidden'],
  dtype: 'float',
});

/** WGSL of the bias of a gate: `part` 0 to `gates` − 1 those of the tokens, then those of the state. */
export const biasAt = (slot: string, gates: number, part: number): string =>
  `${slot}_bias_load((place.direction * ${2 * gates}u + ${part}u) * HIDDEN + place.unit)`;

/** WGSL of all that enters a gate: token, state and biases. */
export const gateSum = (slot: string, gates: number, gate: number, bias: boolean): string =>
  `x[${gate}] + h[${gate}]${
    bias ? ` + ${biasAt(slot, gates, gate)} + ${biasAt(slot, gates, gates + gate)}` : ''
  }`;

/** The same in f64. */
export function gateSumOf(
  { place: { direction, unit }, x, h }: CellInput,
  { tensor, axes: { hidden }, round }: CellScope,
  gates: number,
  gate: number,
  bias: boolean,
): number {
  const sum = round(x[gate]! + h[gate]!);
  if (!bias) return sum;
  const at = (part: number): number => tensor('bias')[(direction * 2 * gates + part) * hidden! + unit]!;
  return round(round(sum + at(gate)) + at(gates + gate));
}
