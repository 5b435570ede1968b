import { reshape } from '@tilewright/graph/operators/reshape';
import { split } from '@tilewright/graph/operators/split';
import type { ModelBuilder } from './model-builder.ts';

/** Consecutive parts of the last axis, as many columns each as `sizes` say. */
export function columns(
  { graph }: ModelBuilder,
  input: string,
  sizes: readonly number[],
  name: string,
): string[] {
  const parts = graph.integers(`${name}.sizes`, [sizes.length], sizes);
  return Object.values(graph.node(split, { input, split: parts }, { axis: -1 }, name));
}

/** Values `[1, tokens, heads · size]` as `[1, tokens, heads, size]`, or whatever `shape` says stands behind the tokens. */
export const shaped = (
  { graph }: ModelBuilder,
  data: string,
  shape: readonly number[],
  name: string,
): string =>
  graph.node(
    reshape,
    { data, shape: graph.integers(`${name}.shape`, [shape.length + 2], [1, -1, ...shape]) },
    {},
    name,
  ).reshaped!;
