import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import halfScalarWgsl from './half.f32.wgsl';
import halfVectorWgsl from './half.vec4.wgsl';
import halfWgsl from './half.wgsl';
import interleavedScalarWgsl from './interleaved.f32.wgsl';
import interleavedVectorWgsl from './interleaved.vec4.wgsl';
import ropeWgsl from './rope.wgsl';

export { ropeTable } from './rope-table.ts';
export type { RopeScaling, RopeTableOptions } from './rope-table.ts';

const workgroup = 64;

/** Four dimensions at a time where pairs and heads are whole vectors. */
function widthOf({ axes, options }: Problem): 1 | 4 {
  const { head_size: headSize, half } = axes as { head_size: number; half: number };
  return headSize % 4 === 0 && half % (options.interleaved ? 2 : 4) === 0 ? 4 : 1;
}

function program(problem: Problem, plan: Plan): Program {
  const {
    heads,
    head_size: headSize,
    half,
  } = problem.axes as { heads: number; head_size: number; half: number };
  const width = widthOf(problem);
  const pairsInUnit = problem.options.interleaved && width === 4;
  const items = pairsInUnit ? headSize / 4 : (headSize - half) / width;
  const wgsl = problem.options.interleaved
    ? [width === 4 ? interleavedVectorWgsl : interleavedScalarWgsl]
    : [halfWgsl, width === 4 ? halfVectorWgsl : halfScalarWgsl];
  return assemble({
    kernel: rope,
    problem,
    plan,
    constants: {
      HEADS: heads,
      HEAD_UNITS: headSize / width,
      HALF: half,
      HALF_UNITS: Math.floor(half / width),
      ITEMS: items,
      WORKGROUP: workgroup,
    },
    views: { x: { width }, y: { width }, cos_sin: { width: width === 4 ? 4 : 2 }, positions: { width: 2 } },
    wgsl: [ropeWgsl, ...wgsl],
    dispatches: [{ entryPoint: 'main', workgroups: ceilDiv(times('tokens', heads * items), workgroup) }],
  });
}

/**
 * Rotary position embedding (Su et al. 2021, arXiv 2104.09864).
 *
 * `x` and `y` are `[tokens, heads, head_size]`, f32 or f16; `cos_sin` f32 `[positions, half, 2]` ({@link ropeTable}), where
 * `2 · half` leading dimensions of a head turn and the others are copied; `positions` u32 `[tokens, 2]`, of which the first
 * column is the row of the table, below `positions` (the second is for caches). Pairs are (i, i + half), or with
 * `interleaved` (2i, 2i + 1). The axis `pair` is always 2.
 */
export const rope: Kernel<'x' | 'cos_sin' | 'positions', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'rope',
  summary: 'y = x with pairs of dimensions turned by an angle that grows with the position',
  axes: {
    tokens: 'dynamic',
    heads: 'static',
    head_size: 'static',
    half: 'static',
    positions: 'static',
    pair: 'static',
  },
  inputs: {
    x: ['tokens', 'heads', 'head_size'],
    cos_sin: { shape: ['positions', 'half', 'pair'], dtype: 'f32' },
    positions: { shape: ['tokens', 'pair'], dtype: 'u32' },
  },
  outputs: { y: ['tokens', 'heads', 'head_size'] },
  options: { interleaved: [false, true] },
  dtypes: ['f32', 'f16'],
  validate: ({ axes }) => {
    const { head_size: headSize, half, pair } = axes as { head_size: number; half: number; pair: number };
    if (pair === 2 && 2 * half <= headSize) return;
    throw new TilewrightError('bad-shape', {
      subject: 'rope',
      problem: `half is ${half} and pair ${pair} for heads of ${headSize}`,
      requirement: 'pair is 2, and 2 · half dimensions of a head turn',
      fix: 'give axes.half at most head_size / 2, and axes.pair 2',
    });
  },
  cost: ({ axes, dtypes }) => {
    const { tokens, heads, head_size: headSize, half } = axes as Record<string, number>;
    const bytes = (name: string): number => (dtypes[name] === 'f16' ? 2 : 4);
    const elements = tokens! * heads! * headSize!;
    return {
      bytes: elements * (bytes('x') + bytes('y')) + tokens! * (8 * half! + 8),
      flops: 6 * tokens! * heads! * half!,
    };
  },
  variants: [{ name: 'baseline', plans: () => [{ variant: 'baseline' }], program }],
});
