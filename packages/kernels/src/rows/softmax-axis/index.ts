import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import { plainProgram } from '../../contract/plain-program.ts';
import softmaxAxisWgsl from './softmax-axis.wgsl';

const workgroup = 64;

function program(problem: Problem, plan: Plan): Program {
  const { length, inner } = problem.axes as { length: number; inner: number };
  const width = inner % 4 === 0 ? 4 : 1;
  const units = inner / width;
  return plainProgram({
    kernel: softmaxAxis,
    problem,
    plan,
    requires: [],
    constants: { LENGTH: length, UNITS: units, WORKGROUP: workgroup, LOG: problem.options.log === true },
    width,
    wgsl: [softmaxAxisWgsl, `alias Value = ${width === 4 ? 'vec4<f32>' : 'f32'};`],
    workgroups: ceilDiv(times('outer', units), workgroup),
  });
}

/**
 * Softmax along an axis that is not the last, or its logarithm (`log: true`): no transpose. For the last axis see
 * `softmax`.
 *
 * `x` and `y` are `[outer, length, inner]`, each f32 or f16; powers and sums in f32.
 */
export const softmaxAxis: Kernel<'x', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'softmax-axis',
  summary: 'y = exp(x - max) / Σ exp(x - max) along the middle axis; or its logarithm',
  axes: { outer: 'dynamic', length: 'static', inner: 'static' },
  inputs: { x: ['outer', 'length', 'inner'] },
  outputs: { y: ['outer', 'length', 'inner'] },
  options: { log: [false, true] },
  dtypes: ['f32', 'f16'],
  cost: ({ axes }, bytes) => ({ bytes, flops: 5 * axes.outer! * axes.length! * axes.inner! }),
  variants: [{ name: 'baseline', plans: () => [{ variant: 'baseline' }], program }],
});
