import type { Plan, Problem, Program, Variant } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { times } from '../../contract/extent.ts';
import { sequenceAxes, sequenceAxesWhen, startsTensor, stateAxes, stateCount } from '../sequences/index.ts';
import { afterInOut, afterWhen, beforeWhen, stateChoices } from '../states.ts';
import { withinBindings } from '../within-bindings.ts';
import { chunks, gpuLanes } from './chunks.ts';
import { linearAttentionProgram, type LinearAttentionSizes } from './program.ts';
import { linearAttentionSlots } from './slots.ts';
import { validate } from './validate.ts';
import walkWgsl from './walk.wgsl';

type WalkPlan = { readonly columns: number; readonly lanes: number };

const walk: Variant = {
  name: 'walk',
  rank: () => 1,
  // A CPU runs the invocations of a workgroup on one thread: lanes only cost there.
  plans: (_, { software }) => {
    const plans = [
      { columns: 31, lanes: 1 },
      { columns: 16, lanes: gpuLanes },
    ];
    return software ? plans : plans.reverse();
  },
  program: (problem: Problem, plan: Plan): Program => {
    const { columns, lanes } = plan as Plan & WalkPlan;
    const { value_heads: heads, value_size: size, key_size: keys } = problem.axes as LinearAttentionSizes;
    const tiles = Math.ceil(size / columns);
    return linearAttentionProgram(linearAttention, problem, plan, {
      constants: {
        COLUMNS: columns,
        WIDTH: columns + (problem.options.sums === 'off' ? 0 : 1),
        LANES: lanes,
        PER_LANE: Math.ceil(keys / lanes),
        TILES: tiles,
      },
      wgsl: [walkWgsl],
      main: (bound) => bound,
      dispatches: (_, bindings) => [
        {
          entryPoint: 'walk',
          workgroups: times(stateCount(problem), heads * tiles),
          bindings,
          slots: ['feature_map', 'finish'],
        },
      ],
    });
  },
};

/**
 * Attention by states: `S_t = decay_t ⊙ S_{t−1} + k_t v_tᵀ`, `y_t = scale · S_tᵀ q_t`, `[key_size, value_size]` for each of `value_heads`
 * (Katharopoulos et al. 2020, arXiv 2006.16236; Yang et al. 2024, arXiv 2312.06635).
 *
 * `q` is `[batch, tokens, heads, key_size]`, `k` `[batch, keys, key_heads, key_size]`, `v` `[batch, keys, value_heads, value_size]`, `y`
 * `[batch, tokens, outputs, value_size]`, each f32 or f16, as are states and sums in memory; arithmetic is f32. Heads share in groups of neighbours: `outputs` is the
 * larger of `heads` and `value_heads`, and the others divide it. `decay` are logarithms, by the option `decay` for each `head` of a state or
 * each `key` of it. `feature_scale` multiplies q and k before the slot `feature_map`.
 *
 * The option `rule` says how a key is added: `add`; `delta`, `S += β k (v − Sᵀk)ᵀ` after the decay, `beta` `[batch, keys, beta_heads]`
 * for each head or for all (Schlag et al. 2021, arXiv 2102.11174); `general`, `S = (decay ⊙ S) + eraser (probeᵀ S)ᵀ + k vᵀ`, where the probe
 * reads the state before the decay (RWKV-7, Peng et al. 2025, arXiv 2503.14456).
 *
 * `causal` false reads all keys from every token. With `cross` tokens and keys are counted apart, and need not be as many. With `reverse` time runs backwards. The option `states` says which states are bound
 * (`none`, `initial`, `final`, `both`, `in place`), in the order that `state_order` names; `sums` says the same of the sums of keys that
 * normalise, `[batch, value_heads, key_size]`, and `off` that nothing does. With `packed` there is one batch row, in which sequences of any
 * length lie one after the other: `starts`, u32, says where each begins and where the last ends, and states and sums lead with how many
 * they are. One without tokens keeps its state.
 */
export const linearAttention: Kernel<
  'q' | 'k' | 'v' | 'decay' | 'beta' | 'probe' | 'eraser' | 'starts' | 'initial' | 'initial_sums',
  'y' | 'final' | 'final_sums'
> = /* @__PURE__ */ defineKernel({
  name: 'linear-attention',
  axes: {
    batch: 'dynamic',
    tokens: 'dynamic',
    keys: 'dynamic',
    heads: 'static',
    key_heads: 'static',
    value_heads: 'static',
    outputs: 'static',
    key_size: 'static',
    value_size: 'static',
    beta_heads: 'static',
    ...sequenceAxes,
  },
  axesWhen: { beta_heads: ['rule', 'delta'], ...sequenceAxesWhen },
  inputs: {
    q: { shape: ['batch', 'tokens', 'heads', 'key_size'], order: 'rows' },
    k: { shape: ['batch', 'keys', 'key_heads', 'key_size'], order: 'rows' },
    v: { shape: ['batch', 'keys', 'value_heads', 'value_size'], order: 'rows' },
    decay: {
      shape: ['batch', 'keys', 'value_heads'],
      shapeWhen: ['decay', 'key', ['batch', 'keys', 'value_heads', 'key_size']],
      when: ['decay', 'head', 'key'],
    },
    beta: { shape: ['batch', 'keys', 'beta_heads'], when: ['rule', 'delta'] },
    probe: { shape: ['batch', 'keys', 'value_heads', 'key_size'], when: ['rule', 'general'] },
    eraser: { shape: ['batch', 'keys', 'value_heads', 'key_size'], when: ['rule', 'general'] },
    starts: startsTensor,
    initial: {
      shape: ['batch', 'value_heads', 'key_size', 'value_size'],
      shapeWhen: ['state_order', 'value key', ['batch', 'value_heads', 'value_size', 'key_size']],
      axesAs: stateAxes,
      when: beforeWhen,
    },
    initial_sums: {
      shape: ['batch', 'value_heads', 'key_size'],
      axesAs: stateAxes,
      when: ['sums', 'initial', 'both'],
    },
  },
  outputs: {
    y: { shape: ['batch', 'tokens', 'outputs', 'value_size'] },
    final: {
      shape: ['batch', 'value_heads', 'key_size', 'value_size'],
      shapeWhen: ['state_order', 'value key', ['batch', 'value_heads', 'value_size', 'key_size']],
      axesAs: stateAxes,
      when: afterWhen,
      inOut: afterInOut,
    },
    final_sums: {
      shape: ['batch', 'value_heads', 'key_size'],
      axesAs: stateAxes,
      when: ['sums', 'final', 'both', 'in place'],
      inOut: ['sums', 'in place'],
    },
  },
  scalars: { scale: 1, feature_scale: 1 },
  options: {
    rule: ['add', 'delta', 'general'],
    decay: ['none', 'head', 'key'],
    causal: [true, false],
    cross: [false, true],
    reverse: [false, true],
    packed: [false, true],
    states: stateChoices,
    state_order: ['key value', 'value key'],
    sums: ['off', 'none', 'initial', 'final', 'both', 'in place'],
  },
  slots: linearAttentionSlots,
  dtypes: ['f32', 'f16'],
  validate,
  variants: /* @__PURE__ */ [walk, chunks].map(withinBindings),
});
