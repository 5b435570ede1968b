import type { Expression } from '@tilewright/kernels';
import { isOf } from '../graph-index.ts';
import type { Attribute, GraphIndex, Node } from '../ir.ts';
import { elementwise } from '../operators/pointwise/elementwise.ts';
import { substitute } from '../operators/operands.ts';
import type { Rule } from '../rewrite.ts';

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

function isOnlyRead(index: GraphIndex, value: string, by: Node): boolean {
  const readers = index.consumers.get(value)?.size ?? 0;
  const uses = Object.values(by.inputs).filter((each) => each === value).length;
  return readers === 1 && uses === 1 && !index.kept.has(value);
}
