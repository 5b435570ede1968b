import type { InferContext, Node, Operator, ValueType } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { badNode, inferredContext } from '../shapes.ts';
import { linearRequest } from './linear-request.ts';
import { headCount, packedAs, packedSize } from './packed-heads.ts';
import { expandSequences, sequencesRole, stateRows } from './packed-sequences.ts';
import { stateType } from './states.ts';

interface Attributes {
  readonly q_num_heads: number;
  readonly kv_num_heads: number;
  readonly update_rule: string;
  readonly scale: number;
}

interface Sizes {
  readonly heads: number;
  readonly keyHeads: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly decay: 'none' | 'head' | 'key';
  /** Strengths of a token. */
  readonly strengths: number;
}

/**
 * ONNX `LinearAttention` (opset 27): packed `query`, `key`, `value` `[batch, tokens, heads · size]`, in f32 or f16; `past_state`
 * `[batch, kv_num_heads, key size, value size]`, of one type with the query where there is none; `decay` in logarithms, for each head or each
 * key dimension of it; `beta` for each head or for all. Query heads share key heads in groups. `scale` 0 is `1/√size`. `chunk_size` is a hint
 * that says nothing of the result; the kernel chooses. `sequences` is ours, for packed sequences: ONNX has none.
 */
export const linearAttention: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'LinearAttention',
  // S = exp(decay) S + β k (v − exp(decay) Sᵀk)ᵀ, output = scale · Sᵀ q
  inputs: [
    { name: 'query', kind: 'required' },
    { name: 'key', kind: 'required' },
    { name: 'value', kind: 'required' },
    { name: 'past_state', kind: 'optional' },
    { name: 'decay', kind: 'optional' },
    { name: 'beta', kind: 'optional' },
    sequencesRole,
  ],
  attributes: {
    q_num_heads: { type: 'integer' },
    kv_num_heads: { type: 'integer' },
    update_rule: {
      type: 'string',
      default: 'gated_delta',
      choices: ['linear', 'gated', 'delta', 'gated_delta'],
    },
    scale: { type: 'number', default: 0 },
    chunk_size: { type: 'integer', default: 64 },
  },
  successors: { present_state: 'past_state' },
  infer: (context) => {
    const { query, past_state: past } = context.inputs;
    const { heads, keyHeads, keySize, valueSize } = sizesOf(context);
    const [batch, tokens] = query!.shape as [number, number];
    return {
      output: { dtype: query!.dtype, shape: [batch, tokens, heads * valueSize] },
      present_state: stateType(
        context,
        'past_state',
        [stateRows(context, batch), keyHeads, keySize, valueSize],
        past?.dtype === 'f32' ? 'f32' : query!.dtype,
      ),
    };
  },
  expand: (node, context) => expandSequences(node, context, context.values[node.inputs.query!]!.shape[1]!),
  lower: (node: Node<Attributes>, context) => {
    const { query, key, value, decay, beta } = node.inputs;
    const sizes = sizesOf(inferredContext(node, context));
    const { scale } = node.attributes;
    return linearRequest(node, context, {
      bindings: {
        q: query!,
        k: key!,
        v: value!,
        ...(decay && { decay }),
        ...(beta && { beta }),
        y: node.outputs.output!,
      },
      axes: {
        heads: sizes.heads,
        key_heads: sizes.keyHeads,
        value_heads: sizes.keyHeads,
        key_size: sizes.keySize,
        value_size: sizes.valueSize,
        ...(beta && { beta_heads: sizes.strengths }),
      },
      state: { initial: 'past_state', final: 'present_state' },
      options: { decay: sizes.decay, rule: beta ? 'delta' : 'add' },
      scalars: { scale: scale === 0 ? 1 / Math.sqrt(sizes.keySize) : scale },
    });
  },
});

function sizesOf(context: InferContext<Attributes>): Sizes {
  const { subject, inputs, attributes } = context;
  const heads = headCount(subject, 'q_num_heads', attributes.q_num_heads);
  const keyHeads = headCount(subject, 'kv_num_heads', attributes.kv_num_heads);
  if (heads % keyHeads !== 0)
    throw badNode(
      subject,
      `${heads} query heads share ${keyHeads} key heads`,
      'the first must be a multiple of the second',
    );
  const keySize = packedSize(subject, 'query', inputs.query!, heads);
  const valueSize = packedSize(subject, 'value', inputs.value!, keyHeads);
  const [batch, tokens] = inputs.query!.shape as [number, number];
  packedAs(context, 'key', [batch, tokens, keyHeads * keySize]);
  packedAs(context, 'value', [batch, tokens, keyHeads * valueSize]);
  const rule = attributes.update_rule;
  has(subject, inputs, rule, 'decay', rule.startsWith('gated'));
  has(subject, inputs, rule, 'beta', rule.endsWith('delta'));
  const width = inputs.decay?.shape.at(-1);
  const decay = width === undefined ? 'none' : width === keyHeads * keySize ? 'key' : 'head';
  packedAs(context, 'decay', [batch, tokens, decay === 'key' ? keyHeads * keySize : keyHeads]);
  const strengths = inputs.beta?.shape.at(-1) === 1 ? 1 : keyHeads;
  packedAs(context, 'beta', [batch, tokens, strengths]);
  return { heads, keyHeads, keySize, valueSize, decay, strengths };
}

/** A rule has the inputs that it reads, and no others. */
function has(
  subject: string,
  inputs: Readonly<Record<string, ValueType>>,
  rule: string,
  role: string,
  isWanted: boolean,
): void {
  if ((inputs[role] !== undefined) === isWanted) return;
  throw badNode(
    subject,
    `its rule is '${rule}', ${isWanted ? 'without' : 'with'} '${role}'`,
    `this rule ${isWanted ? 'needs' : 'does not read'} it`,
  );
}
