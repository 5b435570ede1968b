import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import { gridSizes, gridVector } from '../grid.ts';
import rollWgsl from './roll.wgsl';

const workgroup = 64;

/** Steps forward along each axis, from 0 to less than its size. Throws `bad-argument`. */
function shiftsOf(problem: Problem, grid: readonly number[]): readonly number[] {
  const text = String(problem.options.shift);
  const shifts = text.split(/\s+/).map(Number);
  if (/^-?\d+( -?\d+)*$/.test(text) && shifts.length === grid.length && shifts.every(Number.isSafeInteger))
    return shifts.map((shift, axis) => ((shift % grid[axis]!) + grid[axis]!) % grid[axis]!);
  throw new TilewrightError('bad-argument', {
    subject: 'roll',
    problem: `option 'shift' is '${text}', and the grid '${grid.join('x')}'`,
    requirement: "it gives a whole number of steps for each axis, backwards below 0, such as '-3 -3'",
    fix: `give shift ${grid.length} numbers`,
  });
}

function program(problem: Problem, plan: Plan): Program {
  const { tokens, channels } = problem.axes;
  const grid = gridSizes('roll', problem, tokens!);
  const width = channels! % 4 === 0 ? 4 : 1;
  const units = channels! / width;
  return assemble({
    kernel: roll,
    problem,
    plan,
    constants: { WORKGROUP: workgroup, UNITS: units, TOKENS: tokens! },
    width,
    wgsl: [
      rollWgsl,
      `const SIZES = ${gridVector('u32', grid, 1)};`,
      `const SHIFT = ${gridVector('u32', shiftsOf(problem, grid), 0)};`,
    ],
    dispatches: [{ entryPoint: 'main', workgroups: ceilDiv(times('batch', tokens! * units), workgroup) }],
  });
}

/**
 * y[(place + shift) mod grid] = x[place].
 *
 * Moves the tokens of a grid around its ends: the cyclic shift in front of shifted windows and, with the opposite numbers,
 * back behind them (Swin, Liu et al. 2021, arXiv 2103.14030).
 *
 * `x` and `y` are `[batch, tokens, channels]`, each f32 or f16. The option `grid` gives the sizes of one to three axes
 * (`'56x56'`), `shift` as many steps forward: with `'-3 -3'` token (3, 3) becomes token (0, 0).
 *
 * @throws `bad-argument` for numbers that do not fit the grid, `bad-shape` for a grid that does not fit the tokens.
 */
export const roll: Kernel<'x', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'roll',
  axes: { batch: 'dynamic', tokens: 'static', channels: 'static' },
  inputs: { x: ['batch', 'tokens', 'channels'] },
  outputs: { y: ['batch', 'tokens', 'channels'] },
  options: { grid: [''], shift: [''] },
  dtypes: ['f32', 'f16'],
  validate: (problem) => void shiftsOf(problem, gridSizes('roll', problem, problem.axes.tokens!)),
  variants: [{ name: 'baseline', program }],
});
