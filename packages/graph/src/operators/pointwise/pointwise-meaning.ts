import type { Attribute, Operator } from '../../ir.ts';
import type { OperatorMeaning } from '../meaning.ts';

/** The meaning of an operator that computes each element by itself, after broadcasting; integers wrap around. */
export const pointwiseMeaning = (
  operator: Operator,
  formula: (
    operands: Readonly<Record<string, number>>,
    attributes: Readonly<Record<string, Attribute>>,
  ) => number,
): OperatorMeaning => ({
  operator,
  meaning: ({ node, attributes, value, shape, type }) => {
    const [output] = Object.keys(node.outputs) as [string];
    const whole = shape(output);
    const operands = Object.keys(node.inputs).map((role) => ({
      role,
      data: value(role),
      at: placesOf(shape(role), whole),
    }));
    const count = whole.reduce((product, size) => product * size, 1);
    const { dtype } = type(output);
    const held = (y: number): number => (dtype === 'i32' ? y | 0 : dtype === 'u32' ? y >>> 0 : y);
    const y = Float64Array.from({ length: count }, (_, i) =>
      held(
        formula(Object.fromEntries(operands.map(({ role, data, at }) => [role, data[at(i)]!])), attributes),
      ),
    );
    return { [output]: y };
  },
});

/** The element of an operand that belongs to element `i` of what it is broadcast to. */
function placesOf(shape: readonly number[], whole: readonly number[]): (i: number) => number {
  let [stride, step] = [1, 1];
  const digits = whole.toReversed().map((size, axis) => {
    const length = shape.at(-1 - axis) ?? 1;
    const digit = { size, step, stride: length === 1 ? 0 : stride };
    step *= size;
    stride *= length;
    return digit;
  });
  return (i) =>
    digits.reduce((at, digit) => at + (Math.floor(i / digit.step) % digit.size) * digit.stride, 0);
}
