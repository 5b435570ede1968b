import type { Expression } from '@tilewright/kernels';
import { type Attribute, type GraphIndex, isOf, type Node } from '../ir.ts';
import { elementwise } from '../operators/pointwise/elementwise.ts';
import { linear } from '../operators/products/linear.ts';
import type { Rule } from '../rewrite.ts';

/** The accumulator's name in an epilogue. */
const accumulator = 'acc';

/** An elementwise node that reads a linear layer's output becomes its epilogue: bias, activation, residual. */
export const fuseEpilogue: Rule = {
  name: 'fuse-epilogue',
  apply(node, index) {
    if (!isOf(node, elementwise)) return undefined;
    for (const [operand, value] of Object.entries(node.inputs)) {
      const product = index.producer.get(value);
      if (!isOf(product, linear) || !isOnlyRead(index, value, node)) continue;
      const before = (product.attributes.epilogue ?? accumulator) as Expression;
      const { x: _x, weight: _weight, gain: _gain, ...operands } = product.inputs;
      const others: Record<string, string> = {};
      const rename: Record<string, Expression> = { [operand]: before };
      for (const [name, other] of Object.entries(node.inputs)) {
        if (name === operand) continue;
        const fresh = `o${Object.keys(operands).length + Object.keys(others).length}`;
        others[fresh] = other;
        rename[name] = fresh;
      }
      const epilogue = substitute(node.attributes.expression as Expression, rename);
      return {
        remove: [product, node],
        add: [
          {
            ...product,
            inputs: { ...product.inputs, ...others },
            outputs: { y: node.outputs.y! },
            attributes: {
              ...product.attributes,
              epilogue: epilogue as Attribute,
            },
          },
        ],
      };
    }
    return undefined;
  },
};

/** A chain of elementwise nodes becomes one. */
export const fuseElementwise: Rule = {
  name: 'fuse-elementwise',
  apply(node, index) {
    if (!isOf(node, elementwise)) return undefined;
    for (const [operand, value] of Object.entries(node.inputs)) {
      const inner = index.producer.get(value);
      if (!isOf(inner, elementwise) || !isOnlyRead(index, value, node)) continue;
      const inputs: Record<string, string> = {};
      const nameFor = (value: string): string => {
        const known = Object.keys(inputs).find((name) => inputs[name] === value);
        if (known) return known;
        const fresh = `x${Object.keys(inputs).length}`;
        inputs[fresh] = value;
        return fresh;
      };
      const names = (of: Node, skip?: string): Record<string, Expression> =>
        Object.fromEntries(
          Object.entries(of.inputs).flatMap(([name, each]) => (name === skip ? [] : [[name, nameFor(each)]])),
        );
      const innerExpression = substitute(inner.attributes.expression as Expression, names(inner));
      const expression = substitute(node.attributes.expression as Expression, {
        ...names(node, operand),
        [operand]: innerExpression,
      });
      return {
        remove: [inner, node],
        add: [
          {
            ...node,
            inputs,
            attributes: {
              ...node.attributes,
              expression: expression as Attribute,
            },
          },
        ],
      };
    }
    return undefined;
  },
};

/** Replaces operand names by expressions, all at once. */
function substitute(expression: Expression, by: Readonly<Record<string, Expression>>): Expression {
  if (typeof expression === 'number') return expression;
  if (typeof expression === 'string') return by[expression] ?? expression;
  const [operator, ...operands] = expression;
  return [operator, ...operands.map((each) => substitute(each, by))] as unknown as Expression;
}

function isOnlyRead(index: GraphIndex, value: string, by: Node): boolean {
  const readers = index.consumers.get(value)?.size ?? 0;
  const uses = Object.values(by.inputs).filter((each) => each === value).length;
  return readers === 1 && uses === 1 && !index.kept.has(value);
}
