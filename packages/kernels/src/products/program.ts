import { assemble } from '../contract/assemble.ts';
import type { Problem, Program } from '../contract/contract.ts';
import { observeNothing } from './fillings/observe-a.ts';
import { blockQuadsOfB, readerOfB } from './contract.ts';
import aQuads from './a.quads.wgsl';
import aScalars from './a.scalars.wgsl';
import bWeight from './b.weight.wgsl';
import { productFrame, slotsBehind } from './frame.ts';
import rowsWgsl from './rows.wgsl';
import type { Linear, LinearProgram } from './linear.ts';
import type { Tiled } from './tiled.ts';

export type { Linear, LinearProgram } from './linear.ts';
import yQuads from './y.quads.wgsl';
import yScalars from './y.scalars.wgsl';

/** Whether a filling gathers something of each row of a. */
export const observesA = ({ slots }: Problem): boolean =>
  (slots.observe_a ?? observeNothing).id !== observeNothing.id;

/** Whether y is bound, which an epilogue may leave out. */
export const storesY = ({ slots }: Problem): boolean =>
  !Object.values(slots).some(({ omits = [] }) => omits.includes('y'));

/** The Program of a product with a weight: its parts in any format, and the second dispatch of a split. */
export function linearProgram(linear: Linear, input: LinearProgram): Program {
  const { kernel, problem, plan, splits, workgroups, before } = input;
  const { parts } = linear;
  const columns = linear.columns(problem);
  const k = problem.axes.k!;
  const blockQuads = blockQuadsOfB(problem, input.freeBlockQuads);
  const reader = readerOfB(problem).parts(parts * columns, k, blockQuads);
  const quads = { a: k % 4 === 0, y: columns % 4 === 0 };
  const frame = productFrame({
    problem,
    columns,
    parts,
    observes: observesA(problem),
    quadsPerBlock: blockQuads,
    workgroups,
    splits,
  });
  const written = Object.keys(before?.scratch ?? {});
  return assemble({
    kernel,
    problem,
    plan,
    requires: input.requires ?? [],
    constants: { ...frame.constants, DOT_ROWS: 2, ...reader.constants, ...input.constants },
    views: { a: { width: quads.a ? 4 : 1 }, b: reader.view, y: { width: quads.y ? 4 : 1 } },
    scratch: { ...frame.scratch, ...before?.scratch },
    wgsl: [
      rowsWgsl,
      quads.a ? aQuads : aScalars,
      bWeight,
      ...(storesY(problem) ? [quads.y ? yQuads : yScalars] : []),
      ...reader.wgsl,
      linear.result,
      frame.wgsl,
      ...input.wgsl,
    ],
    dispatches: before
      ? [
          { ...before, bindings: ['a', ...written], slots: ['load_a', 'observe_a'] },
          { ...frame.dispatches[0]!, bindings: ['b', 'y', ...written], slots: slotsBehind(problem) },
        ]
      : frame.dispatches,
  });
}

/** A product with a weight, for the variants with tiles. */
export const tiledLinear = (linear: Linear): Tiled => ({
  ...linear,
  program: (input) => linearProgram(linear, input),
});
