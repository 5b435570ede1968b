import { type Extent, extent, type Filling, type Kernel, times } from '@tilewright/kernels';
import { plainDecodeAttention } from '@tilewright/kernels/decode-attention';
import { plainFlashAttention } from '@tilewright/kernels/flash-attention';
import { regionsOf } from '../../graph-index.ts';
import type { LoweringContext, Node, Operator } from '../../ir.ts';
import { completeNode } from '../attributes.ts';
import { type AttributesOf, defineOperator } from '../operator.ts';
import { dtypesOf } from '../requests.ts';
import { badNode } from '../shapes.ts';
import { fewQueries } from './attention-request.ts';

/** Y = softmax(scale · Q · Kᵀ, soft-capped, biased, masked) · V, row by row. */
export const packedInputs = [
  { name: 'bias', kind: 'optional' },
  { name: 'mask', kind: 'optional' },
] as const;

export const packedAttributes = {
  q_num_heads: { type: 'integer' },
  keys: { type: 'string', default: '' },
  left_window_size: { type: 'integer', default: -1 },
  scale: { type: 'number', default: null },
  softcap: { type: 'number', default: 0 },
} as const;

export type PackedAttributes = AttributesOf<typeof packedAttributes>;

/**
 * What `CachedAttention` becomes: K and V are `[rows, key heads, positions, size]`, of one row with `lengths [1]`, of several with
 * `starts` of the queries and `key_starts`, each `[rows + 1]`.
 */
export const packedAttention: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'PackedAttention',
  inputs: [
    { name: 'Q', kind: 'required' },
    { name: 'K', kind: 'required' },
    { name: 'V', kind: 'required' },
    { name: 'lengths', kind: 'optional' },
    { name: 'starts', kind: 'optional' },
    { name: 'key_starts', kind: 'optional' },
    ...packedInputs,
  ],
  attributes: packedAttributes,
  slots: {
    load_k: { direction: 'load', role: 'K', hands: 'row' },
    load_v: { direction: 'load', role: 'V', hands: 'row' },
    score: { direction: 'load', role: 'bias', hands: 'element' },
    mask: { direction: 'load', role: 'mask', hands: 'element' },
  },
  infer: ({ inputs, attributes }) => {
    const { dtype, shape } = inputs.Q!;
    return {
      Y: { dtype, shape: [...shape.slice(0, 2), times(attributes.q_num_heads, inputs.V!.shape[3]!)] },
    };
  },
  lower: (node, context) => {
    const { attributes, inputs, outputs } = node;
    const { q_num_heads: heads, left_window_size: window, keys, scale, softcap } = attributes;
    const { Q, K, V } = inputs as Record<'Q' | 'K' | 'V', string>;
    const [rows, kvHeads, positions, keySize] = context.values[K]!.shape as [number, number, number, number];
    const valueSize = Number(context.values[V]!.shape[3]);
    const queries = context.values[Q]!.shape[1]!;
    const front = frontOf(node, context);
    const kernels = front.kernels ?? [plainDecodeAttention, plainFlashAttention];
    const isPacked = inputs.starts !== undefined;
    const bindings: Record<string, string> = {
      q: Q,
      ...(!front.slots.load_k && { k: K }),
      ...(!front.slots.load_v && { v: V }),
      ...(isPacked
        ? { q_starts: inputs.starts!, k_starts: inputs.key_starts! }
        : { lengths: inputs.lengths! }),
      ...front.bindings,
      y: outputs.Y!,
    };
    const packedAxes = { tokens: queries, key_tokens: rows * positions, bounds: rows + 1 };
    const planned = context.planned(queries);
    // What a step addresses: valid positions, of windows those that some query sees.
    const valid: Extent = keys === '' ? rows * positions : keys;
    const seen = window < 0 ? valid : extent('min', valid, plusWindow(queries, rows * window));
    const addressed = (slot: 'k' | 'v', size: number): Readonly<Record<string, Extent>> => {
      const name = [slot, `load_${slot}.cache`, `load_${slot}.pool`].find((each) => bindings[each]) ?? slot;
      const section = context.values[bindings[name] ?? ''];
      if (!section) return {};
      // Integers come with their scales.
      const words = section.dtype === 'u32' ? Number(section.shape[2]) / positions : size;
      return { [name]: times(seen, Math.ceil(kvHeads * words * (section.dtype === 'f16' ? 2 : 4))) };
    };
    return {
      kernels: planned <= fewQueries ? kernels : kernels.toReversed(),
      problem: {
        axes: {
          batch: rows,
          queries: planned,
          keys: positions,
          heads,
          kv_heads: kvHeads,
          head_size: keySize,
          value_size: valueSize,
          ...(isPacked && { ...packedAxes, tokens: planned }),
        },
        dtypes: dtypesOf(context, bindings),
        options: {
          causal: true,
          lengths: !isPacked,
          packed: isPacked,
          softcap,
          window_left: window,
          ...(!isPacked && { k_strides: 'bhsd', v_strides: 'bhsd' }),
        },
        ...(scale !== null && { scalars: { scale } }),
        slots: front.slots,
      },
      bindings,
      sizes: { batch: rows, queries, keys: positions, ...(isPacked && packedAxes) },
      addressedBytes: { ...addressed('k', keySize), ...addressed('v', valueSize) },
      flops: times(times(queries, seen), 2 * heads * (keySize + valueSize)),
    };
  },
});

const plusWindow = (queries: Extent, window: number): Extent => extent('+', queries, window);

/** What attention has absorbed, by its kernels' slots. Throws `bad-graph` for a bias or a mask that it has not. */
function frontOf(
  node: Node,
  context: LoweringContext,
): {
  readonly slots: Readonly<Record<string, Filling>>;
  readonly bindings: Readonly<Record<string, string>>;
  readonly kernels: readonly Kernel[] | undefined;
} {
  const loads = regionsOf(node, 'load').map(({ nodes: [inner] }) =>
    inner!.operator.absorption!.load!(completeNode(inner!), context),
  );
  for (const [role, slot] of Object.entries({ bias: 'score', mask: 'mask' }))
    if (node.inputs[role] !== undefined && !node.absorbed?.[slot]?.length)
      throw badNode(
        node.name,
        `its ${role} is the tensor '${node.inputs[role]}'`,
        `attention to a cache takes what ${role}Operator makes, and nothing else reads`,
      );
  return {
    slots: Object.assign({}, ...loads.map(({ slots }) => slots)) as Readonly<Record<string, Filling>>,
    bindings: Object.assign({}, ...loads.map(({ bindings }) => bindings)) as Readonly<Record<string, string>>,
    kernels: loads.find(({ kernels }) => kernels)?.kernels,
  };
}
