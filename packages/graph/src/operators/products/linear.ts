import type { Filling } from '@tilewright/kernels';
import { expressionEpilogue } from '@tilewright/kernels/fillings';
import type { Operator } from '../../ir.ts';
import { checkOperands } from '../operands.ts';
import { defineOperator } from '../operator.ts';
import { staticSize } from '../requests.ts';
import { linearRequest, linearType, productKernels } from './linear-request.ts';

/**
 * `y = x weightᵀ`; after fusion also a norm in front (`normEpsilon`, its gain in `gain`) and an expression behind
 * (`epilogue`, of `acc` and of the operands).
 */
export const linear: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'Linear',
  summary: 'y = x · weightᵀ',
  product: { input: 'x', weight: 'weight' },
  inputs: [
    { name: 'x', kind: 'required' },
    { name: 'weight', kind: 'required' },
    { name: 'gain', kind: 'optional' },
    { name: 'operands', kind: 'variadic' },
  ],
  attributes: {
    normEpsilon: { type: 'number', default: null },
    epilogue: { type: 'expression', default: null },
  },
  infer: (context) => {
    const { x: _x, weight: _weight, gain: _gain, ...operands } = context.inputs;
    const names = Object.keys(operands);
    const { epilogue } = context.attributes;
    checkOperands(context.subject, epilogue, epilogue === null ? names : ['acc', ...names]);
    return { y: linearType(context) };
  },
  lower: (node, context) => {
    const columns = staticSize(context, node.inputs.weight!, 0);
    const bindings: Record<string, string> = { y: node.outputs.y! };
    const { epilogue: expression } = node.attributes;
    const slots: Record<string, Filling> = {};
    if (expression !== null) {
      const operands: Record<string, 'full' | 'row' | 'column' | 'scalar'> = {};
      const { x: _x, weight: _weight, gain: _gain, ...others } = node.inputs;
      for (const [name, value] of Object.entries(others)) {
        // A vector over the last axis is the same for every row: the fillings call that a `column` operand.
        operands[name] = context.values[value]!.shape.length === 1 ? 'column' : 'full';
        bindings[`epilogue.${name}`] = value;
      }
      slots.epilogue = expressionEpilogue({ expression, operands, columns });
    }
    return {
      ...linearRequest(node, context, productKernels(node, context), {
        columns,
        bindings,
        slots,
      }),
      columnsOf: Object.fromEntries(Object.keys(bindings).map((name) => [name, [0, columns]])),
    };
  },
});
