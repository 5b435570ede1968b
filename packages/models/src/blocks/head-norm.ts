import { reshape } from '@tilewright/graph/operators/reshape';
import type { ModelBuilder } from './model-builder.ts';
import { rmsNorm } from './rms-norm.ts';

/** A norm of queries or keys by heads: `[1, tokens, heads · headSize]` to the same; `name` stands in front of its weights. */
export type HeadNorm = (m: ModelBuilder, x: string, name: string, heads: number, headSize: number) => string;

/**
 * RMS norm of each head by itself (Henry et al. 2020, arXiv 2010.04245), with one gain `NAME.weight` for all heads, `[headSize]`.
 */
export const headNorm =
  (epsilon: number): HeadNorm =>
  (m, x, name, heads, headSize) => {
    const { graph } = m;
    const shaped = (data: string, part: string, sizes: readonly number[]): string => {
      const shape = graph.integers(`${name}.${part}.shape`, [sizes.length], sizes);
      return graph.node(reshape, { data, shape }, {}, `${name}.${part}`).reshaped!;
    };
    const apart = shaped(x, 'heads', [1, -1, heads, headSize]);
    const normed = rmsNorm(m, apart, name, { size: headSize, from: 'head_dim' }, epsilon);
    return shaped(normed, 'joined', [1, -1, heads * headSize]);
  };
