import type { Operator } from '../../ir.ts';
import type { OperatorMeaning } from '../meaning.ts';

/** The meaning of an operator that runs along an axis. */
export const runningMeaning = (
  operator: Operator,
  identity: number,
  combine: (running: number, value: number) => number,
): OperatorMeaning => ({
  operator,
  meaning: ({ attributes, value, shape }) => {
    const [x, sizes] = [value('x'), shape('x')];
    const axis = (value('axis')[0]! + sizes.length) % sizes.length;
    const step = sizes.slice(axis + 1).reduce((product, size) => product * size, 1);
    const length = sizes[axis]!;
    const y = new Float64Array(x.length);
    for (let first = 0; first < x.length; first++) {
      if (Math.floor(first / step) % length !== 0) continue;
      let running = identity;
      for (let i = 0; i < length; i++) {
        const at = first + (attributes.reverse === 1 ? length - 1 - i : i) * step;
        const before = running;
        running = combine(running, x[at]!);
        y[at] = attributes.exclusive === 1 ? before : running;
      }
    }
    return { y };
  },
});
