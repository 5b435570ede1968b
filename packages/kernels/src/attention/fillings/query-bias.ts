import { checkOptions, positiveInteger } from '../../contract/check-options.ts';
import type { LoadReference } from '../slots.ts';
import type { Filling } from '../../contract/filling.ts';

/** Slot `load_q`: adds `load_q.bias` `[heads, head_size]` to queries: Transformer-XL's u, see {@link relativeProduct}. */
export function queryBias(headSize: number): Filling<LoadReference> {
  checkOptions('queryBias', { headSize }, { headSize: positiveInteger });
  const width = headSize % 4 === 0 ? 4 : 1;
  return {
    id: `query-bias-${headSize}`,
    bindings: { bias: { shape: ['heads', 'head_size'], dtype: 'float', width } },
    wgsl: (slot) => `fn ${slot}(token: Token, unit: u32) -> qk_fragment {
  return q_load(token.at + unit) + ${slot}_bias_load(token.head * QK_UNITS + unit);
}`,
    reference: ({ head }, stored, { tensor, round }) =>
      stored().map((x, c) => round(x + tensor('bias')[head * headSize + c]!)),
  };
}
