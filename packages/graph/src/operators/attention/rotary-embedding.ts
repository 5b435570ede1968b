import { type Extent, times } from '@tilewright/kernels';
import { rope } from '@tilewright/kernels/rope';
import { printShape } from '../../extent/index.ts';
import type { InferContext, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dtypesOf } from '../requests.ts';
import { badNode, elementType, floats, inferredContext, numbersOf, sameShape } from '../shapes.ts';
import { headsOf, memoryOrder } from './heads.ts';
import { ropeStep, tablePairs } from './rope-step.ts';

interface RotaryAttributes {
  readonly interleaved: number;
  readonly num_heads: number;
  readonly rotary_embedding_dim: number;
}

function sizesOf({ subject, inputs, attributes }: InferContext<RotaryAttributes>) {
  const x = headsOf(subject, 'X', inputs.X!, attributes.num_heads);
  const rotary = attributes.rotary_embedding_dim || x.size;
  if (rotary < 2 || rotary % 2 !== 0 || rotary > x.size)
    throw badNode(
      subject,
      `${rotary} channels of heads of ${x.size} are to turn`,
      'it must be an even number of them',
    );
  return { x, half: rotary / 2, interleaved: attributes.interleaved !== 0 };
}

/**
 * Y = X with pairs of channels of each head turned by their position.
 *
 * ONNX `RotaryEmbedding` (opset 23): x `[batch, heads, tokens, size]` or packed `[batch, tokens, heads · size]`; caches
 * `[positions, rotary / 2]` with `position_ids` (u32 `[batch, tokens]`), or `[batch, tokens, rotary / 2]` without.
 */
export const rotaryEmbedding: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'RotaryEmbedding',
  inputs: [
    { name: 'X', kind: 'required' },
    { name: 'cos_cache', kind: 'required' },
    { name: 'sin_cache', kind: 'required' },
    { name: 'position_ids', kind: 'optional' },
  ],
  attributes: {
    interleaved: { type: 'integer', default: 0, choices: [0, 1] },
    num_heads: { type: 'integer', default: 0 },
    rotary_embedding_dim: { type: 'integer', default: 0 },
  },
  absorption: {
    direction: 'epilogue',
    through: ['X'],
    sees: ({ attributes }) => (attributes.interleaved === 1 ? 'pair' : 'head'),
    step: (node, place, context) => ropeStep(node, place, context),
  },
  infer: (context) => {
    const { subject, inputs } = context;
    elementType(subject, 'X', inputs.X!, floats);
    const { x, half } = sizesOf(context);
    const ids = inputs.position_ids;
    const rows = ids ? inputs.cos_cache!.shape.slice(0, 1) : [x.batch, x.tokens];
    const wanted: readonly Extent[] = [...rows, half];
    for (const role of ['cos_cache', 'sin_cache']) {
      const type = inputs[role]!;
      elementType(subject, role, type, floats);
      if (!sameShape(context, type.shape, wanted))
        throw badNode(
          subject,
          `'${role}' has shape ${printShape(type.shape)}`,
          `it must be ${printShape(wanted)}${ids ? '' : ' where there are no position_ids'}`,
        );
    }
    if (ids) elementType(subject, 'position_ids', ids, ['u32']);
    if (ids && !sameShape(context, ids.shape, [x.batch, x.tokens]))
      throw badNode(
        subject,
        `'position_ids' has shape ${printShape(ids.shape)}`,
        `it must be ${printShape([x.batch, x.tokens])}, an id for each token`,
      );
    return { Y: inputs.X! };
  },
  lower: (node, context) => {
    const { X, cos_cache: cosine, sin_cache: sine, position_ids: positions } = node.inputs;
    const { x, half, interleaved } = sizesOf(inferredContext(node, context));
    const pairs = tablePairs(node, context);
    const bindings = {
      x: X!,
      ...(pairs === undefined ? { cosine: cosine!, sine: sine! } : { cos_sin: pairs }),
      ...(positions && { positions }),
      y: node.outputs.Y!,
    };
    const tokens = times(x.batch, x.tokens);
    const rows = positions
      ? numbersOf(node.name, 'cos_cache', [context.values[cosine!]!.shape[0]!])[0]!
      : tokens;
    return {
      kernels: [rope],
      problem: {
        axes: {
          batch: context.planned(x.batch),
          tokens: context.planned(x.tokens),
          heads: x.heads,
          head_size: x.size,
          half,
          ...(pairs !== undefined && { pair: 2 }),
          table_rows: typeof rows === 'number' ? rows : context.planned(x.batch) * context.planned(x.tokens),
        },
        dtypes: dtypesOf(context, bindings),
        options: {
          table: pairs === undefined ? 'separate' : 'pairs',
          positions: positions === undefined ? 'none' : 'ids',
          interleaved,
          x_strides: memoryOrder(x),
          y_strides: memoryOrder(x),
        },
      },
      bindings,
      sizes: { batch: x.batch, tokens: x.tokens, table_rows: rows },
      ...(pairs !== undefined && { addressedBytes: { cos_sin: times(tokens, 8 * half) } }),
      flops: times(tokens, 6 * x.heads * half),
    };
  },
});
