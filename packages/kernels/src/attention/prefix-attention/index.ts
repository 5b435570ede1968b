import { attentionOrders } from '../orders.ts';
import { validateExtents } from '../validate-extents.ts';
import { validateAttention } from '../validate.ts';
import { rowAddressWgsl } from '../../memory/memory-order.ts';
import { asAttention } from '../score-tiles.ts';
import { masked } from '../slots.ts';
import { type AssembleInput, assemble } from '../../contract/assemble.ts';
import type { Capabilities } from '../../contract/capabilities.ts';
import type { Plan, PlanChoice, Problem, Program, Variant } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import { largerWgsl } from '../../numbers/larger.ts';
import powerWgsl from '../../numbers/power.wgsl';
import seenWgsl from '../seen.wgsl';
import carriedWgsl from './carried.wgsl';
import freshWgsl from './fresh.wgsl';
import prefixWgsl from './prefix-attention.wgsl';
import scanWgsl from './scan.wgsl';
import walkWgsl from './walk.wgsl';

/** As flash-attention sees it: every position is a query. */
const everyPrefix = (problem: Problem): Problem =>
  asAttention({ ...problem, axes: { ...problem.axes, queries: problem.axes.keys! } });

/** Positions a workgroup takes at a time: as many as there are channels for its threads to turn to. */
function chunks({ axes }: Problem, variant: string): readonly PlanChoice[] {
  const few = axes.value_size! <= 64;
  return [few ? 32 : 64, few ? 64 : 32].map((chunk) => ({ variant, chunk }));
}

/** Few positions, or heads enough for the device, leave nothing to gain from a scan, which reads values twice. */
function walksAll({ axes }: Problem, { software }: Capabilities): boolean {
  return axes.keys! <= 128 || axes.batch! * axes.heads! >= (software ? 4 : 256);
}

function program(problem: Problem, plan: Plan, rest: Pick<AssembleInput, 'scratch' | 'dispatches'>): Program {
  const { axes, options, scalars } = problem;
  const chunk = Number(plan.chunk);
  const [qk, v] = [axes.head_size!, axes.value_size!].map((size) => (size % 4 === 0 ? 4 : 1)) as [
    1 | 4,
    1 | 4,
  ];
  const orders = attentionOrders(everyPrefix(problem));
  const address = (tensor: 'k' | 'v' | 'y', width: number): string => {
    const { order, sizes } = orders[tensor];
    const terms = { b: 'params.batch', s: 'params.keys', h: `${sizes.h}u`, d: sizes.d / width };
    return rowAddressWgsl(`${tensor}_at`, order, terms);
  };
  const fragment = { 1: 'f32', 4: 'vec4<f32>' };
  return assemble({
    kernel: prefixAttention,
    problem,
    plan,
    constants: {
      CHUNK: chunk,
      LOG_CHUNK: Math.log2(chunk),
      HEADS: axes.heads!,
      GROUP: axes.heads! / axes.kv_heads!,
      QK_UNITS: axes.head_size! / qk,
      V_UNITS: axes.value_size! / v,
      CHANNELS: Math.ceil(axes.value_size! / v / chunk),
      MASKED: { f32: masked },
      SCALE: { f32: scalars.scale === 0 ? 1 / Math.sqrt(axes.head_size!) : scalars.scale! },
      SOFTCAP: { f32: Number(options.softcap) },
      MANY: 0x3fff_ffff,
    },
    views: { q: { width: qk }, k: { width: qk }, v: { width: v }, y: { width: v }, carried: { width: v } },
    ...rest,
    scratch: Object.fromEntries(
      Object.entries(rest.scratch ?? {}).map(([name, each]) => [
        name,
        name === 'chunk_values' ? { ...each, width: v } : each,
      ]),
    ),
    wgsl: [
      'alias Value = f32;',
      largerWgsl(1),
      powerWgsl,
      seenWgsl,
      prefixWgsl,
      plan.variant === 'walk' ? walkWgsl : scanWgsl,
      options.carry === true ? carriedWgsl : freshWgsl,
      `alias qk_fragment = ${fragment[qk]};`,
      `alias v_fragment = ${fragment[v]};`,
      `fn qk_dot(a: qk_fragment, b: qk_fragment) -> f32 { return ${qk === 4 ? 'dot(a, b)' : 'a * b'}; }`,
      `fn length_of(batch: u32) -> u32 { return ${options.lengths === true ? 'min(lengths_load(batch), params.keys)' : 'params.keys'}; }`,
      address('k', qk),
      address('v', v),
      address('y', v),
    ],
  });
}

const walk: Variant = {
  name: 'walk',
  rank: (problem, capabilities) => (walksAll(problem, capabilities) ? 0 : 2),
  plans: (problem) => chunks(problem, 'walk'),
  program: (problem, plan) =>
    program(problem, plan, {
      dispatches: [{ entryPoint: 'main', workgroups: times('batch', problem.axes.heads!) }],
    }),
};

const scan: Variant = {
  name: 'scan',
  rank: () => 1,
  plans: (problem) => chunks(problem, 'scan'),
  program: (problem, plan) => {
    const { axes, options } = problem;
    const rows = times('batch', axes.heads!);
    const all = times(rows, ceilDiv('keys', Number(plan.chunk)));
    const lengths = options.lengths === true ? ['lengths'] : [];
    const carried = options.carry === true ? ['carried', 'carried_peak', 'carried_sum'] : [];
    return program(problem, plan, {
      scratch: {
        scores: { sizeBytes: times(all, 4 * Number(plan.chunk)) },
        sums: { sizeBytes: times(all, 8), width: 2 },
        before: { sizeBytes: times(all, 8), width: 2 },
        chunk_values: { sizeBytes: times(all, 4 * axes.value_size!) },
      },
      dispatches: [
        {
          entryPoint: 'chunk',
          workgroups: all,
          bindings: ['q', 'k', 'v', 'y', ...lengths, 'scores', 'sums', 'chunk_values'],
        },
        { entryPoint: 'carry', workgroups: rows, bindings: ['sums', 'before', 'chunk_values', ...carried] },
        {
          entryPoint: 'prefix',
          workgroups: all,
          bindings: ['v', 'y', 'scores', 'before', 'chunk_values'],
        },
      ],
    });
  },
};

/**
 * y[t] = softmax(scale · q k[…t]ᵀ) v[…t] for every t, one q per head.
 *
 * Attention of one learned query per head over every prefix of a sequence (Aaren; Feng et al. 2024, "Attention as an RNN",
 * arXiv 2405.13956).
 *
 * `q` `[heads, head_size]`; `k`, `v` and `y` as in flash-attention with every position a row of `y`. With `carry`, the state
 * (largest score, sum of the weights and of the weighted values relative to it) is read from and left in `carried_peak`,
 * `carried_sum` `[batch, heads]` and `carried` `[batch, heads, value_size]`, all f32, so that a sequence may come in pieces of
 * any size; zeros stand for nothing yet. Positions past a row's length add nothing and repeat the last output.
 */
export const prefixAttention: Kernel<
  'q' | 'k' | 'v' | 'lengths',
  'y' | 'carried' | 'carried_peak' | 'carried_sum'
> = /* @__PURE__ */ defineKernel({
  name: 'prefix-attention',
  axes: {
    batch: 'dynamic',
    keys: 'dynamic',
    heads: 'static',
    kv_heads: 'static',
    head_size: 'static',
    value_size: 'static',
  },
  inputs: {
    q: ['heads', 'head_size'],
    k: {
      shape: ['batch', 'keys', 'kv_heads', 'head_size'],
      order: { option: 'k_strides', letters: 'bshd' },
      divides: ['kv_heads', 'heads', 'keys'],
    },
    v: {
      shape: ['batch', 'keys', 'kv_heads', 'value_size'],
      order: { option: 'v_strides', letters: 'bshd' },
      divides: ['kv_heads', 'heads', 'keys'],
    },
    lengths: { shape: ['batch'], dtype: 'u32', when: ['lengths', true] },
  },
  outputs: {
    y: { shape: ['batch', 'keys', 'heads', 'value_size'], order: { option: 'y_strides', letters: 'bshd' } },
    carried: { shape: ['batch', 'heads', 'value_size'], dtype: 'f32', inOut: true, when: ['carry', true] },
    carried_peak: { shape: ['batch', 'heads'], dtype: 'f32', inOut: true, when: ['carry', true] },
    carried_sum: { shape: ['batch', 'heads'], dtype: 'f32', inOut: true, when: ['carry', true] },
  },
  scalars: { scale: 0 },
  options: {
    carry: [false, true],
    lengths: [false, true],
    softcap: [0],
    k_strides: ['bshd'],
    v_strides: ['bshd'],
    y_strides: ['bshd'],
  },
  dtypes: ['f32', 'f16'],
  validate: (problem) =>
    validateAttention('prefix-attention', { validate: validateExtents })(everyPrefix(problem)),
  variants: [walk, scan],
});
