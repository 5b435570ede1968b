import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import elementsWgsl from '../elements.wgsl';
import { mapFilling, type MapReference } from './filling.ts';

export { mapFilling } from './filling.ts';
export type { MapFillingInput, MapOperand, MapReference } from './filling.ts';
export type { ElementwiseOperand, OperandDistance, StridedOperand } from '../operand.ts';

const workgroup = 64;

function program(problem: Problem, plan: Plan): Program {
  const { width, result } = problem.slots.compute!.reference as MapReference;
  const { columns } = problem.axes as { columns: number };
  const type = width === 1 ? result : `vec4<${result}>`;
  return assemble({
    kernel: mapElements,
    problem,
    plan,
    constants: { UNITS: columns / width, WORKGROUP: workgroup, STEPS: 1 },
    views: { y: { width } },
    wgsl: [elementsWgsl, `fn result_store(i: u32, v: ${type}) { y_store(i, v); }`],
    dispatches: [
      {
        entryPoint: 'main',
        workgroups: ceilDiv(times('rows', columns), width * workgroup),
      },
    ],
  });
}

/**
 * y = f(operands), element by element, of any element types.
 *
 * One function over `[rows, columns]` of numbers, integers and booleans (u32, 0 or 1): fill the slot `compute` with {@link mapFilling}.
 * `elementwise` does the same with formulas of floats, which other kernels absorb.
 *
 * `y` is `[rows, columns]`: f32 or f16 where the function gives f32, else what it gives. Without a filling it copies `compute.x`.
 */
export const mapElements: Kernel<never, 'y'> = /* @__PURE__ */ defineKernel({
  name: 'map-elements',
  axes: { rows: 'dynamic', columns: 'static' },
  inputs: {},
  outputs: { y: { shape: ['rows', 'columns'], order: 'rows' } },
  slots: {
    // The function; `unit` counts columns, or four neighbouring ones.
    compute: {
      default: /* @__PURE__ */ mapFilling({
        id: 'copy',
        operands: { x: { type: 'f32' } },
        result: 'f32',
        wgsl: 'return x;',
        columns: 1,
      }),
    },
  },
  dtypes: ['f32', 'f16', 'u32', 'i32'],
  validate: ({ axes, slots }) => {
    const { width } = slots.compute!.reference as MapReference;
    if (axes.columns! % width !== 0)
      throw new TilewrightError('bad-argument', {
        subject: 'map-elements',
        problem: `the filling of 'compute' takes ${width} columns at a time and there are ${axes.columns}`,
        requirement: 'the filling must be made for the same columns',
        fix: `call mapFilling with columns: ${axes.columns}`,
      });
  },
  supports: ({ dtypes: { y = 'f32' }, slots }) => {
    const { result } = slots.compute!.reference as MapReference;
    return (y === 'f16' ? 'f32' : y) === result || `'y' is ${y} and the filling of 'compute' gives ${result}`;
  },
  variants: [{ name: 'baseline', program }],
});
