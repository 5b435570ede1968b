import { times } from '@tilewright/kernels';
import type { LoweringContext, Node, RegionStep, ValueType } from '../../ir.ts';
import { elementBytes, rowsOf } from '../requests.ts';

type Stored = Pick<Node, 'inputs' | 'outputs'>;

/** Whether four neighbouring columns belong to one head. */
export const isWide = ({ inputs }: Stored, values: Readonly<Record<string, ValueType>>): boolean =>
  Number(values[inputs.past!]!.shape[3]) % 4 === 0;

/** Writing columns of heads to their rows of a section, four at a time where heads are made of quads, else one. */
export function cacheStoreStep(node: Stored, context: LoweringContext): RegionStep {
  const { past, places } = node.inputs as Record<'past' | 'places', string>;
  const [rows, heads, capacity, size] = context.values[past]!.shape as [number, number, number, number];
  const width = isWide(node, context.values) ? 4 : 1;
  const tokens = rowsOf(context, node.inputs.update!);
  return {
    id: `cache-store ${rows} ${heads} ${capacity} ${size}`,
    kind: 'store',
    bindings: {
      cache: {
        value: node.outputs.present!,
        shape: [rows, heads, capacity, size],
        dtype: 'float',
        width,
        role: 'in-out',
        addressedBytes: times(tokens, heads * size * elementBytes(context, past)),
      },
      places: { value: places, shape: ['batch', 'm'], dtype: 'u32' },
    },
    wgsl: (name, at) => `fn ${name}(row: u32, column: u32, v: ${width === 4 ? 'vec4<f32>' : 'f32'}) {
  let place = ${at('places')}_load(row);
  let head = ${rows > 1 ? `place / ${capacity}u * ${heads}u + ` : ''}column / ${size}u;
  let cache_row = head * ${capacity}u + place % ${capacity}u;
  ${at('cache')}_store(cache_row * ${size / width}u + column % ${size}u / ${width}u, v);
}`,
  };
}
