import { checkOptions, positiveInteger } from '../../contract/check-options.ts';
import type { ScoreReference } from '../slots.ts';
import type { Filling } from '../../contract/filling.ts';

/** A window or picture whose tokens are laid out row by row. */
export interface Grid {
  readonly height: number;
  readonly width: number;
}

const gridSizes = { height: positiveInteger, width: positiveInteger };

/**
 * Slot `score`: a learned bias by relative position in two dimensions, `score.table`
 * `[heads, (2 · height - 1) · (2 · width - 1)]`, entry `(dy + height - 1) · (2 · width - 1) + dx + width - 1` with
 * (dy, dx) = query - key (Swin, Liu et al. 2021, arXiv 2103.14030, whose parameter is this table transposed; Visformer).
 */
export function gridBias(grid: Grid): Filling<ScoreReference> {
  checkOptions('gridBias', grid, gridSizes);
  const { height, width } = grid;
  const columns = 2 * width - 1;
  const entries = (2 * height - 1) * columns;
  const last = height * width - 1;
  return {
    id: `grid-bias-${height}-${width}`,
    bindings: { table: { shape: ['heads', entries], dtype: 'float' } },
    wgsl: (slot) => `fn ${slot}(s: f32, pair: Pair) -> f32 {
  let query = u32(clamp(pair.position, 0i, ${last}i));
  let key = min(pair.key, ${last}u);
  let dy = query / ${width}u + ${height - 1}u - key / ${width}u;
  let dx = query % ${width}u + ${width - 1}u - key % ${width}u;
  return s + ${slot}_table_load(pair.head * ${entries}u + dy * ${columns}u + dx);
}`,
    reference: (score, { head, position, key: index }, { tensor, round }) => {
      const query = Math.min(Math.max(position, 0), last);
      const key = Math.min(index, last);
      const dy = Math.floor(query / width) - Math.floor(key / width) + height - 1;
      const dx = (query % width) - (key % width) + width - 1;
      return round(score + tensor('table')[head * entries + dy * columns + dx]!);
    },
  };
}

/**
 * The offsets (dy, dx) of {@link gridBias}'s entries as Swin v2's bias network takes them, f32 `[entries, 2]`: scaled to ±8
 * by the window the network was trained with, then sign · log2(1 + |offset|) / log2(8) (Liu et al. 2022, arXiv 2111.09883).
 */
export function logSpacedOffsets(grid: Grid, trained: Grid = grid): Float32Array<ArrayBuffer> {
  checkOptions('logSpacedOffsets', grid, gridSizes);
  checkOptions('logSpacedOffsets', trained, gridSizes);
  const spaced = (offset: number, size: number): number => {
    const scaled = size > 1 ? (8 * offset) / (size - 1) : 0;
    return (Math.sign(scaled) * Math.log2(1 + Math.abs(scaled))) / 3;
  };
  const columns = 2 * grid.width - 1;
  return Float32Array.from({ length: 2 * (2 * grid.height - 1) * columns }, (_, i) =>
    i % 2 === 0
      ? spaced(Math.floor(i / 2 / columns) - grid.height + 1, trained.height)
      : spaced((Math.floor(i / 2) % columns) - grid.width + 1, trained.width),
  );
}
