import type { OperatorMeaning } from '../meaning.ts';
import { concat } from './concat.ts';
import { countOf } from './places.ts';

export const concatMeaning: OperatorMeaning = {
  operator: concat,
  meaning: ({ node, attributes, value, shape }) => {
    const whole = shape('concat_result');
    const axis = (Number(attributes.axis) + whole.length) % whole.length;
    const result = new Float64Array(countOf(whole));
    const outer = countOf(whole.slice(0, axis));
    const stride = countOf(whole.slice(axis));
    let start = 0;
    for (const role of Object.keys(node.inputs)) {
      const span = countOf(shape(role).slice(axis));
      for (let i = 0; i < outer; i++)
        result.set(value(role).subarray(i * span, (i + 1) * span), i * stride + start);
      start += span;
    }
    return { concat_result: result };
  },
};
