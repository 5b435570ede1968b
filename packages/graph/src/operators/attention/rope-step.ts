import { times } from '@tilewright/kernels';
import type { KernelRequest, LoweringContext, Node, RegionStep } from '../../ir.ts';
import { rowsOf, staticSize } from '../requests.ts';
import { badNode } from '../shapes.ts';
import { storeRowsRequest } from '../store-rows-request.ts';

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

interface Turning {
  readonly headSize: number;
  readonly tableRows: number;
  readonly half: number;
  readonly bindings: RegionStep['bindings'];
}

/** What turning at positions reads: undefined where the tables are not constant. `lanes`: pairs of the table read at once. */
function turningOf(
  node: Node<{ readonly num_heads: number }>,
  context: LoweringContext,
  width: number,
  lanes: 1 | 2,
): Turning | undefined {
  const positions = node.inputs.position_ids;
  const table = tablePairs(node, context);
  if (table === undefined || positions === undefined) return undefined;
  const [tableRows, half] = [0, 1].map((axis) => staticSize(context, node.inputs.cos_cache!, axis)) as [
    number,
    number,
  ];
  const tokens = rowsOf(context, node.inputs.X!);
  return {
    headSize: width / node.attributes.num_heads,
    tableRows,
    half,
    bindings: {
      table: {
        value: table,
        shape: [tableRows, half, 2],
        dtype: 'f32',
        width: lanes === 2 ? 4 : 2,
        addressedBytes: times(tokens, 8 * half),
      },
      positions: { value: positions, shape: ['batch', 'm'], dtype: 'u32' },
    },
  };
}

/** Turning pairs of neighbouring channels, four columns at a time. Throws `bad-graph` for what quads cannot turn. */
export function ropeStep(
  node: Node<{ readonly num_heads: number }>,
  { width }: { readonly width: number },
  context: LoweringContext,
): RegionStep {
  const turning = turningOf(node, context, width, 2);
  if (turning === undefined || turning.headSize % 4 !== 0 || turning.half % 2 !== 0)
    throw badNode(
      node.name,
      `it turns ${turning ? `${2 * turning.half} channels of heads of ${turning.headSize}` : 'by tables that are not constants'}`,
      'four neighbouring columns belong to one head, and turn by constant tables at positions',
    );
  const { headSize, tableRows, half, bindings } = turning;
  return {
    id: `rope ${headSize} ${half} ${tableRows}`,
    kind: 'map',
    bindings,
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

/** The rows of a node by themselves, a column at a time: whatever stands in a product's way, and heads of any size. */
export function turnedRows(
  node: Node<{ readonly num_heads: number; readonly interleaved: number }>,
  context: LoweringContext,
): KernelRequest {
  const x = node.inputs.X!;
  const width = staticSize(context, x, -1);
  const turning = turningOf(node, context, width, 1);
  if (turning === undefined)
    throw badNode(node.name, 'its tables are not constants', 'build it with `rotaryEmbedding`');
  const { headSize, tableRows, half, bindings } = turning;
  // Pairs are neighbours, or half of what turns apart.
  const [pair, isSecond, apart] =
    node.attributes.interleaved === 1
      ? ['within / 2u', 'within % 2u == 1u', 1]
      : [`within % ${half}u`, `within >= ${half}u`, half];
  return storeRowsRequest(
    context,
    { x, y: node.outputs.Y! },
    {
      id: `turned ${headSize} ${half} ${tableRows} ${pair}`,
      bindings,
      wgsl: (name, at) => `fn ${name}(row: u32, column: u32, v: f32) {
  let at = row * UNITS + column;
  let within = column % ${headSize}u;
  var turned = v;
  if (within < ${2 * half}u) {
    let t = ${at('table')}_load(min(${at('positions')}_load(row), ${tableRows - 1}u) * ${half}u + ${pair});
    if (${isSecond}) { turned = v * t.x + x_load(at - ${apart}u) * t.y; }
    else { turned = v * t.x - x_load(at + ${apart}u) * t.y; }
  }
  y_store(at, turned);
}`,
    },
    { singly: true, flops: times(rowsOf(context, x), 3 * width) },
  );
}
