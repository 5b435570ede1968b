import { type Extent, times } from '@tilewright/kernels';
import { rope } from '@tilewright/kernels/rope';
import { printShape } from '../../extent/index.ts';
import type { Absorption, InferContext, Operator, ValueType } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dtypesOf } from '../requests.ts';
import { badNode, elementType, floats, inferredContext, numbersOf, sameShape } from '../shapes.ts';
import { headsOf, memoryOrder } from './heads.ts';
import { ropeStep, tablePairs, turnedRows } from './rope-step.ts';

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

const absorption: Absorption<Pick<RotaryAttributes, 'interleaved' | 'num_heads'>> = {
  direction: 'epilogue',
  through: ['X'],
  sees: ({ attributes: { interleaved } }) => (interleaved === 1 ? 'pair' : 'head'),
  step: (node, place, context) => ropeStep(node, place, context),
};

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
  absorption,
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

/**
 * The same operator for tokens `[batch, tokens, heads · size]` that turn by constant tables at positions: products take it in, and where
 * none does, its rows are stored turned. A graph of such alone carries no kernel that reads other tables and orders.
 */
export const rotaryEmbeddingOfTokens: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'RotaryEmbedding',
  inputs: [
    { name: 'X', kind: 'required' },
    { name: 'cos_cache', kind: 'required' },
    { name: 'sin_cache', kind: 'required' },
    { name: 'position_ids', kind: 'required' },
  ],
  attributes: {
    interleaved: { type: 'integer', default: 0, choices: [0, 1] },
    num_heads: { type: 'integer', default: 0 },
  },
  absorption,
  infer: (context) => {
    const {
      subject,
      inputs,
      attributes: { num_heads: heads },
    } = context;
    const { X, cos_cache: cosine, sin_cache: sine, position_ids: ids } = inputs as Record<string, ValueType>;
    elementType(subject, 'X', X!, floats);
    const [width, half] = numbersOf(subject, 'X', [X!.shape.at(-1)!, cosine!.shape.at(-1)!]) as [
      number,
      number,
    ];
    if (!(width % heads === 0 && 2 * half <= width / heads))
      throw badNode(
        subject,
        `'X' is ${width} wide with ${heads} heads, of which ${2 * half} channels turn`,
        'heads divide the width, and as many of their channels turn as the tables have',
      );
    if (
      !sameShape(context, sine!.shape, cosine!.shape) ||
      !sameShape(context, ids!.shape, X!.shape.slice(0, -1))
    )
      throw badNode(
        subject,
        `'sin_cache' has shape ${printShape(sine!.shape)} and 'position_ids' ${printShape(ids!.shape)}`,
        `they must be ${printShape(cosine!.shape)} and ${printShape(X!.shape.slice(0, -1))}`,
      );
    return { Y: X! };
  },
  lower: (node, context) => turnedRows(node, context),
});
