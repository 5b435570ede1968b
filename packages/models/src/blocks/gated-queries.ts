import { mul } from '@tilewright/graph/operators/mul';
import { sigmoid } from '@tilewright/graph/operators/sigmoid';
import { split } from '@tilewright/graph/operators/split';
import type { QuerySource } from './attention.ts';
import { shaped } from './columns.ts';
import { linear } from './linear.ts';

/**
 * Attention with an output gate (Qiu et al. 2025, arXiv 2505.06708), as Qwen3-Next has it: `NAME.q_proj` makes of each head its query and,
 * behind that, as many numbers whose sigmoid multiplies what the head finds.
 */
export const gatedQueries: QuerySource = (m, x, name, { heads, headSize, linear: shape }) => {
  const { graph } = m;
  const out = { size: 2 * shape.out.size, from: `2 × ${shape.out.from}` };
  const projected = linear(m, x, `${name}.q_proj`, { ...shape, out });
  const input = shaped(m, projected, [heads, 2 * headSize], `${name}.query_heads`);
  const halves = Object.values(
    graph.node(split, { input }, { axis: -1, num_outputs: 2 }, `${name}.query_parts`),
  );
  const [q, z] = halves.map((half, i) => shaped(m, half, [heads * headSize], `${name}.query_part_${i + 1}`));
  const gate = graph.node(sigmoid, { X: z! }, {}, `${name}.query_gate`).Y!;
  return {
    q: q!,
    finish: (attended) => graph.node(mul, { A: attended, B: gate }, {}, `${name}.gated`).C!,
  };
};
