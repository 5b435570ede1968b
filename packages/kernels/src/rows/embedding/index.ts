import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import type { WeightFormat } from '../../contract/weight-format.ts';
import { dense } from '../../weights/dense/format.ts';
import embeddingWgsl from './embedding.wgsl';
import quadsWgsl from './quads.wgsl';
import scalarsWgsl from './scalars.wgsl';

const workgroup = 64;

const formatOf = (problem: Problem): WeightFormat => problem.formats.table ?? dense('f32');

function program(problem: Problem, plan: Plan): Program {
  const { vocab, hidden } = problem.axes as { vocab: number; hidden: number };
  const { blockQuads = 8, parts } = formatOf(problem).reader!;
  const reader = parts(vocab, hidden, blockQuads);
  const quads = Math.ceil(hidden / 4);
  return assemble({
    kernel: embedding,
    problem,
    plan,
    constants: {
      ...reader.constants,
      K: hidden,
      K_QUADS: quads,
      VOCAB: vocab,
      FIRST_ROW: Number(problem.options.first_row),
      KEEP: problem.options.others === 'keep',
      SCALE: { f32: problem.scalars.scale! },
      WORKGROUP: workgroup,
    },
    views: { table: { ...reader.view, identifier: 'b' }, y: { width: hidden % 4 === 0 ? 4 : 1 } },
    wgsl: [embeddingWgsl, hidden % 4 === 0 ? quadsWgsl : scalarsWgsl, ...reader.wgsl],
    dispatches: [{ entryPoint: 'main', workgroups: ceilDiv(times('tokens', quads), workgroup) }],
  });
}

/**
 * y[t] = scale · table[ids[t]].
 *
 * Rows of a table by their numbers.
 *
 * `table` is a weight `[vocab, hidden]` in any format that has a reader, `ids` u32 `[tokens]`, `y` `[tokens, hidden]` f32 or
 * f16. `scale` (default 1) multiplies. Numbers that are no row of the table give zeros.
 *
 * A table larger than a binding is read in parts: `first_row` is the number of the table's first row, and with
 * `others: 'keep'` rows of `y` whose numbers are not in this part stay what they were.
 */
export const embedding: Kernel<'table' | 'ids', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'embedding',
  axes: { tokens: 'dynamic', vocab: 'static', hidden: 'static' },
  inputs: {
    table: { shape: ['vocab', 'hidden'], dtype: 'weight' },
    ids: { shape: ['tokens'], dtype: 'u32' },
  },
  outputs: { y: { shape: ['tokens', 'hidden'], order: 'rows', inOut: ['others', 'keep'] } },
  scalars: { scale: 1 },
  options: { first_row: [0], others: ['zero', 'keep'] },
  validate: ({ options: { first_row } }) => {
    if (Number.isSafeInteger(first_row) && Number(first_row) >= 0 && Number(first_row) < 2 ** 32) return;
    throw new TilewrightError('bad-argument', {
      subject: 'embedding',
      problem: `option 'first_row' is ${first_row}`,
      requirement: "it is the number of the table's first row, an integer from 0 to 2³² - 1",
      fix: 'give such a number, or leave it out for a whole table',
    });
  },
  dtypes: ['f32', 'f16'],
  supports: (problem) =>
    formatOf(problem).reader !== undefined || `tables stored as ${formatOf(problem).name} have no reader`,
  variants: [
    {
      name: 'baseline',
      program,
    },
  ],
});
