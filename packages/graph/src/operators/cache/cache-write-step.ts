import { times } from '@tilewright/kernels';
import type { LoweringContext, Node, RegionStep } from '../../ir.ts';
import { elementBytes, rowsOf } from '../requests.ts';
import { badNode } from '../shapes.ts';

/** Writing columns of heads to their rows of a cache, four at a time. Throws `bad-graph` for heads that quads straddle. */
export function cacheWriteStep(
  node: Pick<Node, 'name' | 'inputs' | 'outputs'>,
  context: LoweringContext,
): RegionStep {
  const { past, positions } = node.inputs as Record<'past' | 'positions', string>;
  const [kvHeads, capacity, headSize] = context.values[past]!.shape.slice(1) as [number, number, number];
  if (headSize % 4 !== 0)
    throw badNode(node.name, `heads of ${headSize} channels`, 'four neighbouring columns belong to one head');
  const tokens = rowsOf(context, positions);
  return {
    id: `cache-write ${kvHeads} ${capacity} ${headSize}`,
    kind: 'store',
    bindings: {
      cache: {
        value: node.outputs.present!,
        shape: ['batch', kvHeads, capacity, headSize],
        dtype: 'float',
        width: 4,
        role: 'in-out',
        addressedBytes: times(tokens, kvHeads * headSize * elementBytes(context, past)),
      },
      positions: { value: positions, shape: ['batch', 'm', 2], dtype: 'u32', width: 2 },
    },
    wgsl: (name, at) => `fn ${name}(row: u32, column: u32, v: vec4<f32>) {
  let place = ${at('positions')}_load(row).y;
  let head = (place / ${capacity}u) * ${kvHeads}u + column / ${headSize}u;
  let cache_row = head * ${capacity}u + place % ${capacity}u;
  ${at('cache')}_store(cache_row * ${headSize / 4}u + (column % ${headSize}u) / 4u, v);
}`,
  };
}
