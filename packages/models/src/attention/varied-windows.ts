// VSA (Zhang et al. 2022, arXiv 2204.08446): attention in windows whose keys lie where a network says.
import { checkOptions, demandObject } from '@tilewright/kernels';
import type { Filling } from '@tilewright/kernels';
import { windowOrder } from '@tilewright/kernels/attention';
import { elementwise, elementwiseFilling } from '@tilewright/kernels/elementwise';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { sampleGrid } from '@tilewright/kernels/sample-grid';
import { shortAttention } from '@tilewright/kernels/short-attention';
import type { Device, Tensor } from '@tilewright/runtime';
import { checkFloats, checkShape } from './check-inputs.ts';
import { reshaped, runSteps } from './run-steps.ts';

/** All f32. `q`, `k` and `v` lie on the grid; others are tensors of the fillings in `slots` (`score.table`). */
export interface VariedWindowTensors {
  /** `[batch, rows · columns, heads, head_size]`. */
  readonly q: Tensor;
  /** `[batch, rows · columns, heads, head_size]`. */
  readonly k: Tensor;
  /** `[batch, rows · columns, heads, value_size]`. */
  readonly v: Tensor;
  /** `[batch, windows, heads, 2]`: by how much more than 1 each window of each head is scaled, rows then columns. */
  readonly scales: Tensor;
  /** `[batch, windows, heads, 2]`: how many tokens it is moved by, rows then columns. */
  readonly offsets: Tensor;
  readonly [fillingTensor: string]: Tensor;
}

export interface VariedWindowOptions {
  /** `[rows, columns]` of the tokens. */
  readonly grid: readonly [number, number];
  /** `[rows, columns]` of a window; they divide those of the grid. */
  readonly window: readonly [number, number];
  /** Fillings of the attention within windows, whose batch rows are the windows: `{ score: gridBias(…) }`. */
  readonly slots?: Readonly<Record<string, Filling>>;
  /** What scores are multiplied with; default 1 / √head_size. */
  readonly scale?: number;
}

/**
 * Attention in windows of varied size: queries of window w attend to keys and values read, bilinearly, at the places
 *
 *     place_wi = centre_w + local_i · (1 + scales_w) + offsets_w,   y = softmax(scale · q k(place)ᵀ + bias) v(place)
 *
 * where centre_w is the middle of the window, local_i the way from there to its token i, in tokens. Each head has places of its own.
 * Outside the grid keys and values are zeros, which stay in the softmax. Shapes as in {@link VariedWindowTensors}; `y` f32 `[batch, rows ·
 * columns, heads, value_size]`. Windows count along rows, then columns. Scales and offsets of 0 are plain windows. Up to 64 tokens a window
 * short-attention is what runs, else flash-attention.
 *
 * @throws `bad-dtype`, `bad-shape` for tensors that are not these, `bad-argument` for windows that do not divide the grid.
 */
export async function variedWindowAttention(
  device: Device,
  tensors: VariedWindowTensors,
  options: VariedWindowOptions,
): Promise<{ readonly y: Tensor }> {
  const recipe = 'variedWindowAttention';
  demandObject(recipe, 'tensors', tensors);
  const { q, k, v, scales, offsets, ...fillingTensors } = tensors;
  checkOptions(recipe, options, ['grid', 'window', 'slots', 'scale']);
  const { grid, window, slots = {}, scale = 0 } = options;
  const { strides, windows, tokens: members } = windowOrder({ grid, window });
  checkFloats(recipe, { q, k, v, scales, offsets });
  const [batch, , heads, headSize] = q.shape as [number, number, number, number];
  const tokens = grid[0] * grid[1];
  const valueSize = v.shape[3]!;
  const names = ['batch', 'rows · columns', 'heads'];
  checkShape(recipe, 'q', q, [...names, 'head_size'], [batch, tokens, heads, headSize]);
  checkShape(recipe, 'k', k, [...names, 'head_size'], [batch, tokens, heads, headSize]);
  checkShape(recipe, 'v', v, [...names, 'value_size'], [batch, tokens, heads, valueSize]);
  for (const [name, tensor] of Object.entries({ scales, offsets }))
    checkShape(recipe, name, tensor, ['batch', 'windows', 'heads', '2'], [batch, windows, heads, 2]);
  return await runSteps(device, async (run, tensor) => {
    // 1. Places: rows of the formula are batch rows, windows, tokens of a window; columns are heads and axes.
    const columns = 2 * heads;
    const across = grid[1] / window[1];
    const middle = window.map((size) => (size - 1) / 2);
    const centres = Float32Array.from({ length: windows * columns }, (_, i) => {
      const index = Math.floor(i / columns);
      const axis = i % 2;
      return (axis === 0 ? Math.floor(index / across) : index % across) * window[axis]! + middle[axis]!;
    });
    const locals = Float32Array.from({ length: members * columns }, (_, i) => {
      const index = Math.floor(i / columns);
      const axis = i % 2;
      return (axis === 0 ? Math.floor(index / window[1]) : index % window[1]) - middle[axis]!;
    });
    const moved = { shape: [batch * windows, columns], sizes: [members], strides: [columns, 0, 1] };
    const { y: coordinates } = await run(elementwise, {
      axes: { rows: batch * windows * members, columns },
      slots: {
        compute: elementwiseFilling({
          expression: ['add', ['add', 'centre', 'offset'], ['mul', 'local', ['add', 1, 'scale']]],
          columns,
          operands: {
            centre: { shape: [windows, columns], sizes: [windows, members], strides: [0, columns, 0, 1] },
            local: { shape: [members, columns], sizes: [members], strides: [0, columns, 1] },
            offset: moved,
            scale: moved,
          },
        }),
      },
      inputs: {
        'compute.centre': tensor([windows, columns], centres),
        'compute.local': tensor([members, columns], locals),
        'compute.offset': reshaped(offsets, [batch * windows, columns]),
        'compute.scale': reshaped(scales, [batch * windows, columns]),
      },
    });
    // 2. Keys and values there, windows as batch rows, heads outside of tokens.
    const sampled = async (x: Tensor): Promise<Tensor> => {
      const { y } = await run(sampleGrid, {
        options: { grid: grid.join('x'), y_strides: `b s h s:${members} d` },
        inputs: { x, coordinates: reshaped(coordinates, [batch, windows * members, heads, 2]) },
      });
      return reshaped(y, [batch * windows, heads, members, x.shape[3]!]);
    };
    // 3. Attention within windows; queries and results stay where they are on the grid.
    const { y } = await run(members <= 64 ? shortAttention : flashAttention, {
      options: { ...strides, k_strides: 'bhsd', v_strides: 'bhsd' },
      scalars: { scale },
      slots,
      inputs: {
        q: reshaped(q, [batch * windows, members, heads, headSize]),
        k: await sampled(k),
        v: await sampled(v),
        ...fillingTensors,
      },
    });
    return { y: reshaped(y, [batch, tokens, heads, valueSize]) };
  });
}
