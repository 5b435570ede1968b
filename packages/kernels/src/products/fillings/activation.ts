import type { Filling } from '../../contract/filling.ts';
import {
  checkExpression,
  type Expression,
  expressionId,
  expressionOperands,
  expressionWgsl,
} from '../../numbers/expression.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { ActivationReference } from './slots.ts';

/**
 * How gate-up puts its two products together: a formula of `gate` and `up`, such as `['mul', ['silu', 'gate'], 'up']`.
 *
 * @throws `bad-argument` where the formula has another operand.
 */
export function gatedActivation(expression: Expression): Filling<ActivationReference> {
  checkExpression(expression);
  const strange = expressionOperands(expression).find((name) => name !== 'gate' && name !== 'up');
  if (strange !== undefined)
    throw new TilewrightError('bad-argument', {
      subject: 'gatedActivation',
      problem: `the operand '${strange}'`,
      requirement: 'the operands are gate and up',
      fix: 'rename it',
    });
  return {
    id: expressionId(expression),
    wgsl: (slot) => {
      const { value, functions } = expressionWgsl(expression, (name) => name, { prefix: `${slot}_` });
      return `${functions}\nfn ${slot}(gate: vec4<f32>, up: vec4<f32>) -> vec4<f32> { return ${value}; }`;
    },
    reference: expression,
  };
}

/** silu(gate) · up: SwiGLU (Shazeer 2020, arXiv 2002.05202), as Llama-type models have it. */
export const swiGlu: Filling<ActivationReference> = /* @__PURE__ */ gatedActivation([
  'mul',
  ['silu', 'gate'],
  'up',
]);
