import { isOf } from '../graph-index.ts';
import { rmsNormalizationOfRows } from '../operators/normalization/rms-normalization.ts';
import type { Rule } from '../rewrite.ts';

/** A gain of ones changes nothing: the norm goes without. */
export function dropNeutralGain(neutral: ReadonlySet<string>): Rule {
  return {
    name: 'drop-neutral-gain',
    apply(node, { weights }) {
      const gain = isOf(node, rmsNormalizationOfRows) ? node.inputs.scale : undefined;
      const expression = gain === undefined ? undefined : weights[gain];
      if (expression?.kind !== 'stored' || !neutral.has(expression.name)) return undefined;
      const { scale: _gain, ...inputs } = node.inputs;
      return { remove: [node], add: [{ ...node, inputs }] };
    },
  };
}
