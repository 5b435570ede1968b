// Micro-kernels that do one thing as fast as the adapter can: the ceilings that other kernels are held against.
import {
  assemble,
  defineKernel,
  type Kernel,
  type Plan,
  type Problem,
  type Program,
} from '@tilewright/kernels';
import copyWgsl from './copy.wgsl';
import fmaWgsl from './fma.wgsl';

const workgroup = 256;

function copyProgram(problem: Problem, plan: Plan): Program {
  const units = problem.axes.elements! / 4;
  const perInvocation = Number(plan.per_invocation);
  return assemble({
    kernel: copy,
    problem,
    plan,
    constants: { WORKGROUP: workgroup, UNITS: units, PER_INVOCATION: perInvocation },
    views: { x: { width: 4 }, y: { width: 4 } },
    wgsl: [copyWgsl],
    dispatches: [{ entryPoint: 'main', workgroups: Math.ceil(units / workgroup / perInvocation) }],
  });
}

/**
 * y = x, `[elements]` of f32, a multiple of 4.
 */
export const copy: Kernel<'x', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'peak-copy',
  axes: { elements: 'static' },
  inputs: { x: ['elements'] },
  outputs: { y: ['elements'] },
  dtypes: ['f32'],
  variants: [
    {
      name: 'copy',
      plans: () => [1, 4, 16].map((per_invocation) => ({ variant: 'copy', per_invocation })),
      program: copyProgram,
    },
  ],
});

// Whether a compiler fuses the two by itself, and whether fma() is one instruction, differs; the faster one counts.
const multiplyAdds = {
  fused: 'fn multiply_add(a: Chain, b: Chain, c: Chain) -> Chain { return fma(a, b, c); }',
  written: 'fn multiply_add(a: Chain, b: Chain, c: Chain) -> Chain { return a * b + c; }',
};

function fmaProgram(problem: Problem, plan: Plan): Program {
  const { invocations, steps } = problem.axes as { invocations: number; steps: number };
  return assemble({
    kernel: fma,
    problem,
    plan,
    constants: { WORKGROUP: workgroup, INVOCATIONS: invocations, STEPS: steps },
    wgsl: [
      fmaWgsl,
      `alias Chain = vec${Number(plan.width)}<f32>;`,
      multiplyAdds[plan.multiply_add as keyof typeof multiplyAdds],
    ],
    dispatches: [{ entryPoint: 'main', workgroups: Math.ceil(invocations / workgroup) }],
  });
}

/**
 * y = a · y + b, again and again.
 *
 * Multiply-adds on registers: `steps` (a multiple of 4) of them in each of two vectors of a Plan's `width`.
 */
export const fma: Kernel<'x', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'peak-fma',
  axes: { invocations: 'static', steps: 'static', terms: 'static' },
  inputs: { x: ['terms'] },
  outputs: { y: ['invocations'] },
  dtypes: ['f32'],
  variants: [
    {
      name: 'fma',
      plans: () =>
        [2, 3, 4].flatMap((width) =>
          Object.keys(multiplyAdds).map((multiply_add) => ({ variant: 'fma', width, multiply_add })),
        ),
      program: fmaProgram,
    },
  ],
});

/** A multiply-add counts twice, and in a vector as often as it is wide. */
export const fmaFlops = ({ axes }: Problem, plan: Plan): number =>
  axes.invocations! * axes.steps! * 2 * 2 * Number(plan.width);

/** What a copy reads and writes. */
export const copyBytes = ({ axes }: Problem): number => 8 * axes.elements!;
