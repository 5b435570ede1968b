// Meanings against values from tables. No GPU.
import { expect, test } from 'vitest';
import { graphBuilder } from '../../builder.ts';
import { interpret } from '../../oracle/interpret.ts';
import { meanings, operators } from '../../registry.ts';
import { findOperator } from '../find-operator.ts';

const known: readonly (readonly [
  string,
  readonly number[],
  Readonly<Record<string, string | number>>,
  number,
])[] = [
  ['Abs', [-2.5], {}, 2.5],
  ['Add', [1.5, -4], {}, -2.5],
  ['Div', [1, 8], {}, 0.125],
  ['Erf', [0.5], {}, 0.5204998778130465],
  ['Erf', [-3.5], {}, -0.9999992569016276],
  ['Exp', [1], {}, Math.E],
  ['Gelu', [1], {}, 0.8413447460685429],
  ['Gelu', [1], { approximate: 'tanh' }, 0.8411919906082768],
  ['Log', [10], {}, Math.LN10],
  ['Mul', [3, -0.5], {}, -1.5],
  ['Neg', [2], {}, -2],
  ['Relu', [-2], {}, 0],
  ['Relu', [2], {}, 2],
  ['Sigmoid', [Math.log(3)], {}, 0.75],
  ['Softplus', [0], {}, Math.LN2],
  ['Sqrt', [2], {}, Math.SQRT2],
  ['Sub', [1, 3], {}, -2],
  ['SwiGLU', [Math.log(3), 4], {}, 3 * Math.log(3)],
  ['SwiGLU', [Math.log(3), 4], { alpha: -1 }, Math.log(3)],
  ['Swish', [Math.log(3)], {}, 0.75 * Math.log(3)],
  ['Tanh', [Math.log(3)], {}, 0.8],
];

test.each(known)('%s of %j with %j is %d', (name, operands, attributes, want) => {
  const operator = findOperator(operators, '', name);
  const g = graphBuilder({});
  const roles = operator.inputs.map((role) => role.name);
  const inputs = Object.fromEntries(roles.map((role) => [role, g.input(role, 'f32', [1])]));
  const [y] = Object.values(g.node(operator, inputs, attributes, 'node')) as [string];
  const data = Object.fromEntries(roles.map((role, i) => [role, [operands[i]!]]));
  const graph = g.finish({ outputs: [y] });
  expect(interpret(meanings, graph, new Map(), data, {})[y]![0]).toBeCloseTo(want, 14);
});
