import type { Expression } from '@tilewright/kernels';
import { elementwise, elementwiseFilling } from '@tilewright/kernels/elementwise';
import { regionsOf } from '../../graph-index.ts';
import type { KernelRequest, LoweringContext, Node } from '../../ir.ts';
import { completeNode } from '../attributes.ts';
import { substitute } from '../operands.ts';
import { badNode } from '../shapes.ts';
import { operandOf, spreadRequest } from './spread-request.ts';

/** Characters of the largest formula that one kernel computes: what is used twice in a formula counts twice. */
const longestFormula = 4096;

/** The formula of a node and of all that it absorbed, as one kernel. Throws `bad-graph` for one that grows too large. */
export function pointwiseRequest(
  node: Node,
  expression: Expression,
  output: string,
  context: LoweringContext,
): KernelRequest {
  const operands = new Map<string, string>();
  const nameOf = (value: string): string => {
    if (!operands.has(value)) operands.set(value, `x${operands.size}`);
    return operands.get(value)!;
  };
  let value = node.outputs[output]!;
  let formula = named(node, expression, nameOf);
  for (const inner of regionsOf(node, 'epilogue').flatMap(({ nodes }) => nodes)) {
    const next = inner.operator.absorption?.expression?.(completeNode(inner));
    if (next === undefined || JSON.stringify(formula).length > longestFormula)
      throw badNode(inner.name, 'its formula is too long', `a kernel takes ${longestFormula} characters`);
    const before = formula;
    formula = named(inner, next, (each) => (each === value ? before : nameOf(each)));
    value = Object.values(inner.outputs)[0]!;
  }
  const { shape } = context.values[value]!;
  return spreadRequest(
    {
      kernel: elementwise,
      y: value,
      operands: Object.fromEntries(
        [...operands].map(([source, name]) => [name, [source, operandOf(source, shape, context)]]),
      ),
      fill: (spread) => elementwiseFilling({ expression: formula, ...spread }),
    },
    context,
  );
}

/** A formula of input roles as one of what `nameOf` makes of their values. */
const named = (node: Node, expression: Expression, nameOf: (value: string) => Expression): Expression =>
  substitute(
    expression,
    Object.fromEntries(Object.entries(node.inputs).map(([role, value]) => [role, nameOf(value)])),
  );
