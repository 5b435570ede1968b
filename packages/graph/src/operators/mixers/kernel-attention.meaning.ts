import type { MeaningContext, OperatorMeaning } from '../meaning.ts';
import { ofEachSequence } from './packed-meaning.ts';
import { kernelAttention } from './kernel-attention.ts';
import { kernelFeatures } from './kernel-features.ts';
import { addOuter, headRow, readState } from './linear-meaning.ts';

export const kernelAttentionMeaning: OperatorMeaning = ofEachSequence(
  {
    tokens: ['Q', 'K', 'V', 'Y'],
    states: { initial_state: 'final_state', initial_normalizer: 'final_normalizer' },
  },
  {
    operator: kernelAttention,
    meaning: (context) => {
      const { node, attributes, has } = context;
      const isRelative =
        attributes.normalize === 1 &&
        attributes.causal === 0 &&
        !has('initial_state') &&
        node.inputs.sequences === undefined;
      // States are sums of absolute powers; what is read of a whole sequence at once is relative to its largest.
      const absolute = attend(context, 'zero');
      return isRelative ? { ...absolute, Y: attend(context, 'head').Y! } : absolute;
    },
  },
);

/** With powers of keys that are absolute, or relative to the largest of all tokens of a head. */
function attend(context: MeaningContext, keyPeak: string): Record<string, Float64Array> {
  const { attributes, has, value, shape } = context;
  const [heads, keyHeads] = [Number(attributes.q_num_heads), Number(attributes.kv_num_heads)];
  const [batch, tokens] = shape('Q') as [number, number, number];
  const [keys, valueSize] = [shape('K')[1]!, shape('V')[2]! / keyHeads];
  const { q, k, size } = kernelFeatures(context, keyPeak);
  const start = (role: string, count: number): Float64Array =>
    has(role) ? value(role).slice() : new Float64Array(count);
  const states = start('initial_state', batch * keyHeads * size * valueSize);
  const sums = start('initial_normalizer', batch * keyHeads * size);
  const Y = new Float64Array(batch * tokens * heads * valueSize);
  for (let line = 0; line < batch * keyHeads; line++) {
    const [b, head] = [Math.floor(line / keyHeads), line % keyHeads];
    const S = states.subarray(line * size * valueSize, (line + 1) * size * valueSize);
    const z = sums.subarray(line * size, (line + 1) * size);
    const learn = (token: number): void => {
      const key = headRow(k, { tokens: keys, heads: keyHeads, size }, b, token, head);
      addOuter(
        S,
        key,
        headRow(value('V'), { tokens: keys, heads: keyHeads, size: valueSize }, b, token, head),
      );
      addOuter(z, key, [1]);
    };
    const read = (token: number): void => {
      for (let group = 0; group < heads / keyHeads; group++) {
        const at = (head * heads) / keyHeads + group;
        const query = headRow(q, { tokens, heads, size }, b, token, at);
        const bound = attributes.normalize === 1 ? readState(z, query)[0]! + Number(attributes.epsilon) : 1;
        Y.set(
          readState(S, query).map((each) => each / bound),
          ((b * tokens + token) * heads + at) * valueSize,
        );
      }
    };
    for (let token = 0; token < Math.max(keys, tokens); token++) {
      if (token < keys) learn(token);
      if (attributes.causal === 1 && token < tokens) read(token);
    }
    for (let token = 0; token < tokens && attributes.causal === 0; token++) read(token);
  }
  return { Y, final_state: states, final_normalizer: sums };
}
