import { badNode, numberOf, type Operator, rank, sameDimension } from './operator.ts';

/**
 * Scaled dot-product attention over caches, after ONNX `Attention` (opset 25) with an external cache:
 * q `[tokens, heads · headSize]`, key and value `[kvHeads, capacity, headSize]`, `lengths` the valid keys after this
 * step. Causal attention is aligned bottom-right: the last query sees all `lengths` keys.
 */
export const attention: Operator = {
  name: 'Attention',
  summary: 'y = softmax(scale · q · keyᵀ + mask) · value',
  inputs: ['q', 'key', 'value', 'lengths'],
  infer: (context) => {
    const { subject, inputs } = context;
    const { q, key, value } = inputs as Record<'q' | 'key' | 'value', (typeof inputs)[string]>;
    rank(subject, 'q', q, 2);
    rank(subject, 'key', key, 3);
    rank(subject, 'value', value, 3);
    const heads = numberOf(context, 'heads');
    const kvHeads = numberOf(context, 'kvHeads');
    sameDimension(subject, 'the width of q', q.shape[1], heads * Number(key.shape[2]));
    sameDimension(subject, 'the number of key heads', key.shape[0], kvHeads);
    sameDimension(subject, 'the capacity of value', value.shape[1], key.shape[1]);
    if (heads % kvHeads !== 0)
      throw badNode(
        subject,
        `${heads} query heads share ${kvHeads} key heads`,
        'the first must be a multiple of the second',
      );
    return { y: { dtype: q.dtype, shape: [q.shape[0]!, heads * Number(value.shape[2])] } };
  },
};

/** Rotary position embedding of `[tokens, heads · headSize]`, half-split; table `[positions, rotary / 2, 2]` of (cos, sin). */
export const rotaryEmbedding: Operator = {
  name: 'RotaryEmbedding',
  summary: 'y = x with the pairs (i, i + rotary/2) of each head turned by their position',
  inputs: ['x', 'table', 'positions'],
  infer: (context) => {
    rank(context.subject, 'x', context.inputs.x!, 2);
    numberOf(context, 'heads');
    return { y: context.inputs.x! };
  },
};

/** Writes row `t` of `update [tokens, kvHeads · headSize]` at `positions[t, 1]` of the cache `[kvHeads, capacity, headSize]`. */
export const tensorScatter: Operator = {
  name: 'TensorScatter',
  summary: 'present = past with the update written at its positions',
  inputs: ['past', 'update', 'positions'],
  inPlace: { present: 'past' },
  infer: ({ subject, inputs }) => {
    const past = inputs.past!;
    rank(subject, 'past', past, 3);
    sameDimension(
      subject,
      'the width of the update',
      inputs.update!.shape[1],
      Number(past.shape[0]) * Number(past.shape[2]),
    );
    return { present: past };
  },
};
