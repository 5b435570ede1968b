import { times } from '@tilewright/kernels';
import type { LoweringContext, Node, RegionStep } from '../../ir.ts';
import { rowsOf, staticSize } from '../requests.ts';
import { badNode } from '../shapes.ts';

/** Turning pairs of neighbouring channels, four columns at a time. Throws `bad-graph` for heads that quads straddle. */
export function ropeStep(
  node: Node<{ readonly heads: number }>,
  { width }: { readonly width: number },
  context: LoweringContext,
): RegionStep {
  const { table, positions } = node.inputs as Record<'table' | 'positions', string>;
  const [tableRows, half] = [staticSize(context, table, 0), staticSize(context, table, 1)];
  const headSize = width / node.attributes.heads;
  if (headSize % 4 !== 0 || half % 2 !== 0)
    throw badNode(
      node.name,
      `of heads of ${headSize} channels ${2 * half} turn`,
      'four neighbouring columns belong to one head',
    );
  const tokens = rowsOf(context, positions);
  return {
    id: `rope ${headSize} ${half} ${tableRows}`,
    kind: 'map',
    bindings: {
      table: {
        value: table,
        shape: [tableRows, half, 2],
        dtype: 'f32',
        width: 4,
        addressedBytes: times(tokens, 8 * half),
      },
      positions: { value: positions, shape: ['batch', 'm', 2], dtype: 'u32', width: 2 },
    },
    wgsl: (name, at) => `fn ${name}(row: u32, column: u32, v: vec4<f32>) -> vec4<f32> {
  let within = column % ${headSize}u;
  if (within >= ${2 * half}u) { return v; }
  let line = min(${at('positions')}_load(row).x, ${tableRows - 1}u) * ${half / 2}u;
  let t = ${at('table')}_load(line + within / 4u);
  return vec4<f32>(
    v.x * t.x - v.y * t.y,
    v.y * t.x + v.x * t.y,
    v.z * t.z - v.w * t.w,
    v.w * t.z + v.z * t.w,
  );
}`,
  };
}
