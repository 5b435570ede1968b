import { times } from '@tilewright/kernels';
import type { LoweringContext, Node, RegionStep } from '../../ir.ts';
import { rowsOf, staticSize } from '../requests.ts';
import { badNode } from '../shapes.ts';

/**
 * One constant `[positions, rotary / 2, 2]` of the cosines and sines of a node whose caches are constants, so that kernels bind one
 * table; undefined where they are not.
 */
export function tablePairs(
  { inputs }: Pick<Node, 'inputs'>,
  { constants, values, arranged }: LoweringContext,
): string | undefined {
  const { cos_cache: cosine, sin_cache: sine } = inputs as Record<'cos_cache' | 'sin_cache', string>;
  const [cosines, sines] = [constants[cosine], constants[sine]];
  if (!cosines || !sines || !inputs.position_ids) return undefined;
  return arranged(`${cosine} ${sine}`, [...(values[cosine]!.shape as number[]), 2], () =>
    Float32Array.from({ length: 2 * cosines.length }, (_, i) => (i % 2 === 0 ? cosines : sines)[i >> 1]!),
  );
}

/** Turning pairs of neighbouring channels, four columns at a time. Throws `bad-graph` for what quads cannot turn. */
export function ropeStep(
  node: Node<{ readonly num_heads: number }>,
  { width }: { readonly width: number },
  context: LoweringContext,
): RegionStep {
  const positions = node.inputs.position_ids;
  const table = tablePairs(node, context);
  const [tableRows, half] = [0, 1].map((axis) => staticSize(context, node.inputs.cos_cache!, axis)) as [
    number,
    number,
  ];
  const headSize = width / node.attributes.num_heads;
  if (headSize % 4 !== 0 || half % 2 !== 0 || table === undefined || positions === undefined)
    throw badNode(
      node.name,
      `of heads of ${headSize} channels ${2 * half} turn, by ${table === undefined ? 'tables that are not' : ''} constants`,
      'four neighbouring columns belong to one head, and turn by constant tables at positions',
    );
  const tokens = rowsOf(context, node.inputs.X!);
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
      positions: { value: positions, shape: ['batch', 'm'], dtype: 'u32' },
    },
    wgsl: (name, at) => `fn ${name}(row: u32, column: u32, v: vec4<f32>) -> vec4<f32> {
  let within = column % ${headSize}u;
  if (within >= ${2 * half}u) { return v; }
  let line = min(${at('positions')}_load(row), ${tableRows - 1}u) * ${half / 2}u;
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
