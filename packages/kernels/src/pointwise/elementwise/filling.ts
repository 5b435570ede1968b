import { checkOptions, positiveInteger, optional, anyValue } from '../../contract/check-options.ts';
import {
  checkExpression,
  type Expression,
  expressionId,
  expressionOperands,
  expressionWgsl,
} from '../../numbers/expression.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { Filling, FillingBinding } from '../../contract/filling.ts';
import { type ElementwiseOperand, operandBinding, operandUniforms, operandWgsl } from '../operand.ts';

export interface ElementwiseFillingInput {
  readonly expression: Expression;
  /** The problem's `columns`; where 4 divides it, the filling works on four neighbouring columns at a time. */
  readonly columns: number;
  /** How operands spread; those not named are `full`. */
  readonly operands?: Readonly<Record<string, ElementwiseOperand>>;
  /** The `full` operand that the result replaces; the kernel's own output `y` is then omitted. */
  readonly inPlace?: string;
}

/** What the kernel and its oracle know of a filling of the slot `compute`. */
export interface ComputeReference {
  /** Columns handled by one call: `compute(row, unit)` gives an f32 or a `vec4<f32>`. */
  readonly width: 1 | 4;
  /** The operand that is overwritten, where there is one. */
  readonly inPlace: string | undefined;
  readonly expression: Expression;
  /** How each operand of the formula spreads. */
  readonly operands: Readonly<Record<string, ElementwiseOperand>>;
  readonly bindings: readonly FillingBinding[];
}

/**
 * Fills the slot `compute` of `elementwise` with a formula. Each operand is bound as `compute.<operand>`.
 *
 * @throws `bad-argument` for an expression that is none, operands it does not use, or an impossible `inPlace`.
 */
export function elementwiseFilling(input: ElementwiseFillingInput): Filling<ComputeReference> {
  checkOptions('elementwiseFilling', input, {
    expression: anyValue,
    columns: positiveInteger,
    operands: optional(anyValue),
    inPlace: optional(anyValue),
  });
  const { expression, columns, inPlace } = input;
  checkExpression(expression);
  const names = expressionOperands(expression);
  const stray = [...Object.keys(input.operands ?? {}), ...(inPlace === undefined ? [] : [inPlace])].find(
    (name) => !names.includes(name),
  );
  if (stray !== undefined)
    refuse(
      `the operand '${stray}' is described`,
      `the formula uses ${names.join(', ') || 'none'}`,
      'remove or rename it',
    );
  const operands = new Map(names.map((name) => [name, input.operands?.[name] ?? 'full']));
  if (inPlace !== undefined && operands.get(inPlace) !== 'full')
    refuse(
      `'${inPlace}' is to be replaced and is broadcast`,
      `the result has the shape [rows, columns]`,
      'replace a full operand',
    );

  const width = columns % 4 === 0 ? 4 : 1;
  const bindings: Record<string, FillingBinding> = {};
  for (const [name, operand] of operands) {
    const binding = operandBinding(operand, width);
    if (binding) bindings[name] = name === inPlace ? { ...binding, role: 'in-out' } : binding;
  }
  const uniforms = [...operands].flatMap(([name, operand]) =>
    operand === 'uniform'
      ? [[name, 'f32' as const]]
      : operandUniforms(operand).map((uniform) => [`${name}_${uniform}`, 'u32' as const]),
  );
  const spread = [...operands].map(
    ([name, operand]) => `${name}:${typeof operand === 'string' ? operand : JSON.stringify(operand)}`,
  );
  return {
    id: [
      expressionId(expression),
      ...spread,
      `x${width}`,
      ...(inPlace === undefined ? [] : [`into ${inPlace}`]),
    ].join(' '),
    bindings,
    uniforms: Object.fromEntries(uniforms),
    omits: inPlace === undefined ? [] : ['y'],
    wgsl: (slot) => {
      const type = width === 4 ? 'vec4<f32>' : 'f32';
      const { value, functions } = expressionWgsl(expression, (name) => `operand_${name}`, {
        type,
        prefix: `${slot}_`,
      });
      const loads = [...operands].map(
        ([name, operand]) => `  let operand_${name} = ${operandWgsl(operand, width, slot, name)};`,
      );
      return [
        functions,
        `fn ${slot}(row: u32, unit: u32) -> ${type} {`,
        ...loads,
        `  return ${value};`,
        '}',
      ].join('\n');
    },
    reference: {
      width,
      inPlace,
      expression,
      operands: Object.fromEntries(operands),
      bindings: Object.values(bindings),
    },
  };
}

function refuse(problem: string, requirement: string, fix: string): never {
  throw new TilewrightError('bad-argument', { subject: 'elementwise', problem, requirement, fix });
}
