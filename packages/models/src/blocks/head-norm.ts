import { groupRmsNormalization } from '@tilewright/graph/operators/group-rms-normalization';
import type { ModelBuilder } from './model-builder.ts';

/** A norm of queries or keys by heads: `[1, tokens, heads · headSize]` to the same; `name` stands in front of its weights. */
export type HeadNorm = (m: ModelBuilder, x: string, name: string, heads: number, headSize: number) => string;

/**
 * RMS norm of each head by itself (Henry et al. 2020, arXiv 2010.04245), with one gain `NAME.weight` for all heads, `[headSize]`.
 */
export const headNorm =
  (epsilon: number): HeadNorm =>
  (m, X, name, heads, headSize) => {
    const scale = m.weight(`${name}.weight`, [{ size: headSize, from: 'head_dim' }]);
    return m.graph.node(groupRmsNormalization, { X, scale }, { groups: heads, epsilon }, name).Y!;
  };
