// Norms whose gains are stored around zero, so that weight decay pulls them to one: Gemma's, Qwen3-Next's.
import { groupRmsNormalization } from '@tilewright/graph/operators/group-rms-normalization';
import { rmsNormalizationOfRows } from '@tilewright/graph/operators/rms-normalization';
import type { Axis } from '../architectures/architecture.ts';
import type { HeadNorm } from './head-norm.ts';
import type { ModelBuilder } from './model-builder.ts';
import type { rmsNorm } from './rms-norm.ts';
import { numbers } from './numbers.ts';

const gainOf = (m: ModelBuilder, name: string, width: Axis): string =>
  numbers(m, `${name}.weight`, [width], (weight) => 1 + weight, 0);

/** {@link rmsNorm} with the gain `1 + NAME.weight`. */
export const centredRmsNorm: typeof rmsNorm = (m, X, name, width, epsilon) =>
  m.graph.node(rmsNormalizationOfRows, { X, scale: gainOf(m, name, width) }, { epsilon }, name).Y!;

/** {@link headNorm} with the gain `1 + NAME.weight`. */
export const centredHeadNorm =
  (epsilon: number): HeadNorm =>
  (m, X, name, heads, headSize) => {
    const scale = gainOf(m, name, { size: headSize, from: 'head_dim' });
    return m.graph.node(groupRmsNormalization, { X, scale }, { groups: heads, epsilon }, name).Y!;
  };
