import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { times } from '../../contract/extent.ts';
import { storeEpilogue } from '../fillings/epilogue.ts';
import { type RowParts, rowVariants } from '../../rows/index.ts';
import normWgsl from './group-rms-norm.wgsl';
import storeQuadsWgsl from './store.quads.wgsl';
import storeScalarsWgsl from './store.scalars.wgsl';
import yQuadsWgsl from './y.quads.wgsl';

const isStored = ({ slots }: Problem): boolean => !slots.epilogue!.omits?.includes('y');

function program(problem: Problem, plan: Plan, row: RowParts): Program {
  const { width } = row;
  const gain = problem.options.gain ? 'weight_load(unit)' : 'Value(1.0)';
  const stored =
    width === 1 ? [storeScalarsWgsl] : [storeQuadsWgsl, ...(isStored(problem) ? [yQuadsWgsl] : [])];
  return assemble({
    kernel: groupRmsNorm,
    // Parts of single elements have no epilogue: its text, which stores quads, is left out.
    problem: width === 1 ? { ...problem, slots: {} } : problem,
    plan,
    ...row,
    constants: { ...row.constants, GROUPS: problem.axes.groups!, EPS: { f32: problem.scalars.eps! } },
    wgsl: [...row.wgsl, normWgsl, ...stored, `fn gain(unit: u32) -> Value { return ${gain}; }`],
    dispatches: [{ entryPoint: 'main', workgroups: times(times('batch', 'm'), problem.axes.groups!) }],
  });
}

/**
 * y = epilogue(x / sqrt(mean(x²) + eps) · weight): root mean square normalisation of each of `groups` parts of a row by itself, the
 * heads of queries and keys (Henry et al. 2020, arXiv 2010.04245).
 *
 * `x` and `y` are `[batch, m, columns]`, `weight` is `[length]`, columns = groups · length; each f32 or f16, statistics in f32. `eps`
 * (default 1e-5) is added to the mean square. Without the option `gain` there is no `weight`: a gain of one. The epilogue is that of
 * products, of columns in fours: `length` must be a multiple of 4 for it.
 */
export const groupRmsNorm: Kernel<'x' | 'weight', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'group-rms-norm',
  axes: { batch: 'dynamic', m: 'dynamic', groups: 'static', length: 'static', columns: 'static' },
  inputs: {
    x: { shape: ['batch', 'm', 'columns'], order: 'rows' },
    weight: { shape: ['length'], when: ['gain', true] },
  },
  outputs: { y: { shape: ['batch', 'm', 'columns'], order: 'rows' } },
  scalars: { eps: 1e-5 },
  options: { gain: [true, false] },
  // Stores four columns: rotary positions, caches.
  slots: { epilogue: { default: storeEpilogue } },
  dtypes: ['f32', 'f16'],
  supports: ({ axes, slots }) =>
    axes.length! % 4 === 0 ||
    slots.epilogue!.id === storeEpilogue.id ||
    `parts of ${axes.length} are no quads`,
  variants: /* @__PURE__ */ rowVariants({ length: (problem) => problem.axes.length!, program }),
});
