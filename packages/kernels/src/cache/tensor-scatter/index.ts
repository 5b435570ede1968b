import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import tensorScatterWgsl from './tensor-scatter.wgsl';

const workgroup = 64;

function program(problem: Problem, plan: Plan): Program {
  const { kv_heads: kvHeads, capacity, head_size: headSize } = problem.axes as Record<string, number>;
  const width = headSize! % 4 === 0 ? 4 : 1;
  const units = headSize! / width;
  return assemble({
    kernel: tensorScatter,
    problem,
    plan,
    constants: { KV_HEADS: kvHeads!, CAPACITY: capacity!, UNITS: units, WORKGROUP: workgroup },
    views: { update: { width }, cache: { width }, positions: { width: 2 } },
    wgsl: [tensorScatterWgsl],
    dispatches: [{ entryPoint: 'main', workgroups: ceilDiv(times('tokens', kvHeads! * units), workgroup) }],
  });
}

/**
 * Writes rows into a cache in place (ONNX `TensorScatter`, opset 24, with an index per row).
 *
 * `update` is `[tokens, kv_heads, head_size]`; `positions` u32 `[tokens, 2]`, whose second column is the cache row
 * `sequence · capacity + position` (rows beyond the cache are left out); `cache` `[batch, kv_heads, capacity,
 * head_size]`, of which other rows stay as they are. No two tokens may name the same row. f32 or f16 each.
 */
export const tensorScatter: Kernel<'update' | 'positions', 'cache'> = /* @__PURE__ */ defineKernel({
  name: 'tensor-scatter',
  summary: 'cache[row of token t] = update[t], in place',
  axes: {
    batch: 'dynamic',
    tokens: 'dynamic',
    kv_heads: 'static',
    capacity: 'static',
    head_size: 'static',
    pair: 'static',
  },
  inputs: {
    update: ['tokens', 'kv_heads', 'head_size'],
    positions: { shape: ['tokens', 'pair'], dtype: 'u32' },
  },
  outputs: { cache: { shape: ['batch', 'kv_heads', 'capacity', 'head_size'], inOut: true } },
  dtypes: ['f32', 'f16'],
  cost: ({ axes, dtypes }) => {
    const { tokens, kv_heads: heads, head_size: size } = axes as Record<string, number>;
    const bytes = (name: string): number => (dtypes[name] === 'f16' ? 2 : 4);
    return { bytes: tokens! * (heads! * size! * (bytes('update') + bytes('cache')) + 8), flops: 0 };
  },
  variants: [
    {
      name: 'baseline',
      plans: () => [{ variant: 'baseline' }],
      program,
    },
  ],
});
