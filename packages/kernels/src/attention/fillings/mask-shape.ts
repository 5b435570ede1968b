// Mask tensors that are broadcast to [batch, heads, queries, keys].
import {
  checkOptions,
  finiteNumber,
  listOf,
  positiveInteger,
  trueOrFalse,
  optional,
} from '../../contract/check-options.ts';
import type { FillingScope, PairPlace } from '../slots.ts';
import { TilewrightError } from '../../contract/errors.ts';

/** Which of the four axes a mask tensor has; it is broadcast along the others. */
export interface MaskShape {
  readonly batch?: boolean;
  readonly heads?: boolean;
  readonly queries?: boolean;
  /** False where all keys share one value. Default true. */
  readonly keys?: boolean;
  /** Length of the last axis where it is shorter than the keys; keys past it are not attended. */
  readonly columns?: number;
}

/** Throws `bad-argument` for an axis that a mask does not have. */
export const checkMaskShape = (subject: string, shape: MaskShape): void =>
  checkOptions(subject, shape, {
    batch: optional(trueOrFalse),
    heads: optional(trueOrFalse),
    queries: optional(trueOrFalse),
    keys: optional(trueOrFalse),
    columns: optional(positiveInteger),
  });

const axisNames = ['batch', 'heads', 'queries', 'keys'] as const;

/**
 * The shape of a mask as ONNX's Attention takes it: 1 to 4 dimensions, aligned at the right with `[batch, heads, queries,
 * keys]`, each 1 or the axis's size; a last dimension that is shorter, 1 included, is padded with "do not attend", which is
 * what the standard's own reference does.
 *
 * @throws `bad-argument` for what is no list, `bad-shape` where a dimension does not fit.
 */
export function maskShapeOf(
  dimensions: readonly number[],
  sizes: Readonly<Record<'batch' | 'heads' | 'queries' | 'keys', number>>,
): MaskShape {
  checkOptions('attention mask', { dimensions }, { dimensions: listOf(finiteNumber) });
  const missing = 4 - dimensions.length;
  const full = [...Array<number>(Math.max(missing, 0)).fill(1), ...dimensions];
  const fits = (size: number, i: number): boolean =>
    i === 3 ? size >= 1 && size <= sizes.keys : size === 1 || size === sizes[axisNames[i]!];
  if (missing < 0 || missing > 3 || !full.every(fits))
    throw new TilewrightError('bad-shape', {
      subject: 'attention mask',
      problem: `[${dimensions.join(', ')}] does not broadcast to [${axisNames.map((axis) => sizes[axis]).join(', ')}]`,
      requirement:
        'a mask has 1 to 4 dimensions, aligned at the right with batch, heads, queries and keys, each 1 or that size; the ' +
        'last may be shorter',
      fix: 'reshape the mask',
    });
  const [batch, heads, queries, columns] = full as [number, number, number, number];
  return {
    batch: batch > 1,
    heads: heads > 1,
    queries: queries > 1,
    ...(columns < sizes.keys && { columns }),
  };
}

export const maskBindingShape = ({
  batch,
  heads,
  queries,
  keys = true,
  columns,
}: MaskShape): readonly (string | number)[] => [
  batch ? 'batch' : 1,
  heads ? 'heads' : 1,
  queries ? 'queries' : 1,
  columns ?? (keys ? 'keys' : 1),
];

/** The element of a pair, in WGSL. */
export function maskIndexWgsl({ batch, heads, queries, keys = true, columns }: MaskShape): string {
  const sizes = [heads ? 'HEADS' : '1u', queries ? 'params.queries' : '1u'];
  const [b, h, q] = [batch ? 'pair.batch' : '0u', heads ? 'pair.head' : '0u', queries ? 'pair.query' : '0u'];
  const row = `((${b} * ${sizes[0]} + ${h}) * ${sizes[1]} + ${q})`;
  if (columns !== undefined) return `${row} * ${columns}u + min(pair.key, ${columns - 1}u)`;
  return keys ? `${row} * params.keys + pair.key` : row;
}

/** The element of a pair; undefined past the last column. */
export function maskIndex(
  { batch, heads, queries, keys = true, columns }: MaskShape,
  pair: PairPlace,
  { axes }: FillingScope,
): number | undefined {
  const [b, h, q] = [batch ? pair.batch : 0, heads ? pair.head : 0, queries ? pair.query : 0];
  const row = (b * (heads ? axes.heads! : 1) + h) * (queries ? axes.queries! : 1) + q;
  if (columns !== undefined) return pair.key < columns ? row * columns + pair.key : undefined;
  return keys ? row * axes.keys! + pair.key : row;
}

export const maskShapeName = (shape: MaskShape): string =>
  [
    ...axisNames.filter((axis) => shape[axis] ?? axis === 'keys'),
    ...(shape.columns === undefined ? [] : [shape.columns]),
  ].join('-') || 'one';
