// Attention of each query to points of a grid that are its own: deformable attention with keys, in one to three dimensions.
import { checkOptions } from '@tilewright/kernels';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { sampleGrid } from '@tilewright/kernels/sample-grid';
import { shortAttention } from '@tilewright/kernels/short-attention';
import type { Device, Tensor } from '@tilewright/runtime';
import { checkFloats, checkNames, checkShape } from './check-inputs.ts';
import { reshaped, runSteps } from './run-steps.ts';

/** All f32. */
export interface SampledPointTensors {
  /** `[batch, queries, heads, head_size]`. */
  readonly q: Tensor;
  /** `[batch, tokens, heads, head_size]`, the tokens of the grid in row-major order. */
  readonly k: Tensor;
  /** `[batch, tokens, heads, value_size]`. */
  readonly v: Tensor;
  /** `[batch, queries, points, heads, axes]`: where each query looks, in tokens, in the order of the grid's axes. */
  readonly coordinates: Tensor;
}

export interface SampledPointOptions {
  /** Sizes of the grid's one to three axes, outermost first. */
  readonly grid: readonly number[];
  /** What scores are multiplied with; default 1 / √head_size. */
  readonly scale?: number;
}

/**
 * Each query attends to keys and values read between the tokens of a grid, linearly along each axis, at points of its own:
 *
 *     y_i = Σ_n softmax_n(scale · q_i · k(place_in)) v(place_in)
 *
 * (deformable attention in three dimensions; in two, Xia et al. 2022, arXiv 2201.00520, with points of its own for each query). Outside
 * the grid keys and values are zeros, which stay in the softmax. Shapes as in {@link SampledPointTensors}; `y` f32 `[batch, queries, heads,
 * value_size]`. Keys and values of all points lie in memory at once: batch · queries · points · heads · (head_size + value_size) numbers.
 *
 * @throws `bad-dtype`, `bad-shape` for tensors that are not these, `bad-argument` for other names.
 */
export async function sampledPointAttention(
  device: Device,
  inputs: SampledPointTensors,
  options: SampledPointOptions,
): Promise<{ readonly y: Tensor }> {
  const recipe = 'sampledPointAttention';
  checkNames(recipe, inputs, ['q', 'k', 'v', 'coordinates']);
  const { q, k, v, coordinates } = inputs;
  checkOptions(recipe, options, ['grid', 'scale']);
  const { grid, scale = 0 } = options;
  checkFloats(recipe, { q, k, v, coordinates });
  const [batch, queries, heads, headSize] = q.shape as [number, number, number, number];
  const tokens = grid.reduce((product, size) => product * size, 1);
  const [points, valueSize] = [coordinates.shape[2]!, v.shape[3]!];
  const names = ['batch', 'tokens', 'heads'];
  checkShape(recipe, 'q', q, ['batch', 'queries', 'heads', 'head_size'], [batch, queries, heads, headSize]);
  checkShape(recipe, 'k', k, [...names, 'head_size'], [batch, tokens, heads, headSize]);
  checkShape(recipe, 'v', v, [...names, 'value_size'], [batch, tokens, heads, valueSize]);
  checkShape(
    recipe,
    'coordinates',
    coordinates,
    ['batch', 'queries', 'points', 'heads', 'axes'],
    [batch, queries, points, heads, grid.length],
  );
  return await runSteps(device, async (run) => {
    const places = reshaped(coordinates, [batch, queries * points, heads, grid.length]);
    // Queries as batch rows, heads outside of points.
    const sampled = async (x: Tensor): Promise<Tensor> => {
      const { y } = await run(sampleGrid, {
        options: { grid: grid.join('x'), y_strides: `b s h s:${points} d` },
        inputs: { x, coordinates: places },
      });
      return reshaped(y, [batch * queries, heads, points, x.shape[3]!]);
    };
    const { y } = await run(points <= 64 ? shortAttention : flashAttention, {
      options: { k_strides: 'bhsd', v_strides: 'bhsd' },
      scalars: { scale },
      inputs: {
        q: reshaped(q, [batch * queries, 1, heads, headSize]),
        k: await sampled(k),
        v: await sampled(v),
      },
    });
    return { y: reshaped(y, [batch, queries, heads, valueSize]) };
  });
}
