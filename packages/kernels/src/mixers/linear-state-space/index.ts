import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { afterInOut, afterWhen, beforeWhen, stateBefore, stateChoices, writesState } from '../states.ts';
import linearStateSpaceWgsl from './linear-state-space.wgsl';

function program(problem: Problem, plan: Plan): Program {
  const { states: count, inputs, outputs } = problem.axes as Record<string, number>;
  const { states, read, pass } = problem.options;
  const before = stateBefore(states, 'initial', 'last');
  return assemble({
    kernel: linearStateSpace,
    problem,
    plan,
    constants: { STATES: count!, INPUTS: inputs!, OUTPUTS: outputs!, MANY: 0x3fff_ffff },
    // `final` is a word of WGSL's.
    views: { final: { identifier: 'last' } },
    wgsl: [
      linearStateSpaceWgsl,
      `fn state_before(i: u32) -> f32 { return ${before ? `${before}_load(i)` : '0.0'}; }
fn keep_state(i: u32, value: f32) { ${writesState(states) ? 'last_store(i, value);' : ''} }
fn passed(p: u32, m: u32) -> f32 { return ${pass ? 'd_load(p * INPUTS + m)' : '0.0'}; }
fn read_state(p: u32) -> f32 {
  ${
    read
      ? 'var sum = 0.0;\n  for (var n = 0u; n < STATES; n++) { sum += c_load(p * STATES + n) * following[n]; }\n  return sum;'
      : 'return following[p];'
  }
}`,
    ],
    dispatches: [{ entryPoint: 'main', workgroups: 'batch' }],
  });
}

/**
 * A linear state space with dense matrices: `s_t = A s_{t−1} + B u_t`, `y_t = C s_t + D u_t` (Legendre memory units; Voelker et al. 2019).
 *
 * `u` is `[batch, tokens, inputs]`, `a` `[states, states]`, `b` `[states, inputs]`, `c` `[outputs, states]` with the option `read` (else y is the
 * state, and `outputs` is `states`), `d` `[outputs, inputs]` with `pass`, y `[batch, tokens, outputs]`, states `[batch, states]`; each f32 or
 * f16. The option `states` says which states are bound, as of gated-scan. At most 2,048 states.
 */
export const linearStateSpace: Kernel<'u' | 'a' | 'b' | 'c' | 'd' | 'initial', 'y' | 'final'> =
  /* @__PURE__ */ defineKernel({
    name: 'linear-state-space',
    axes: {
      batch: 'dynamic',
      tokens: 'dynamic',
      states: 'static',
      inputs: 'static',
      outputs: 'static',
    },
    inputs: {
      u: ['batch', 'tokens', 'inputs'],
      a: ['states', 'states'],
      b: ['states', 'inputs'],
      c: { shape: ['outputs', 'states'], when: ['read', true] },
      d: { shape: ['outputs', 'inputs'], when: ['pass', true] },
      initial: { shape: ['batch', 'states'], when: beforeWhen },
    },
    outputs: {
      y: ['batch', 'tokens', 'outputs'],
      final: { shape: ['batch', 'states'], when: afterWhen, inOut: afterInOut },
    },
    options: { read: [true, false], pass: [false, true], states: stateChoices },
    dtypes: ['f32', 'f16'],
    validate: ({ axes: { outputs, states }, options }) => {
      if (options.read !== true && outputs !== states)
        throw new TilewrightError('bad-shape', {
          subject: 'linear-state-space',
          problem: `outputs is ${outputs} with ${states} states`,
          requirement: 'states that nothing reads are the outputs',
          fix: `give ${states} outputs, or read the states`,
        });
    },
    supports: ({ axes }, { limits }) => {
      const bytes = 8 * axes.states!;
      const most = limits.maxComputeWorkgroupStorageSize;
      return bytes <= most || `${axes.states} states take ${bytes} bytes of workgroup memory of ${most}`;
    },
    variants: [{ name: 'baseline', program }],
  });
