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
import slabsWgsl from './slabs.wgsl';
import wholeWgsl from './whole.wgsl';

const workgroup = 64;

const formatOf = (problem: Problem): WeightFormat => problem.formats.table ?? dense('f32');

function program(problem: Problem, plan: Plan): Program {
  const { vocab, hidden } = problem.axes as { vocab: number; hidden: number };
  const { blockQuads = 8, parts } = formatOf(problem).reader!;
  const reader = parts(vocab, hidden, blockQuads);
  const quads = Math.ceil(hidden / 4);
  const slabRows = problem.options.indexed === 'slabs' ? Number(problem.options.slab_rows) : 0;
  return assemble({
    kernel: embedding,
    problem,
    plan,
    constants: {
      ...reader.constants,
      K: hidden,
      K_QUADS: quads,
      VOCAB: vocab,
      ...(slabRows > 0 ? { SLAB_ROWS: slabRows } : { FIRST_ROW: Number(problem.options.first_row) }),
      KEEP: problem.options.others === 'keep',
      SCALE: { f32: problem.scalars.scale! },
      WORKGROUP: workgroup,
    },
    views: { table: { ...reader.view, identifier: 'b' }, y: { width: hidden % 4 === 0 ? 4 : 1 } },
    wgsl: [
      embeddingWgsl,
      slabRows > 0 ? slabsWgsl : wholeWgsl,
      hidden % 4 === 0 ? quadsWgsl : scalarsWgsl,
      ...reader.wgsl,
    ],
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
 *
 * With `indexed: 'slabs'` the table is slabs of `slab_rows` rows, and `ids`, u32 `[indices]`, names rows of each: `y` has
 * `tokens` = slabs · indices rows, and negative numbers (as two's complement) count from the end of a slab. That is a gather along
 * any axis of a tensor.
 */
export const embedding: Kernel<'table' | 'ids', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'embedding',
  axes: { tokens: 'dynamic', vocab: 'static', hidden: 'static', indices: 'dynamic' },
  axesWhen: { indices: ['indexed', 'slabs'] },
  inputs: {
    table: { shape: ['vocab', 'hidden'], dtype: 'weight' },
    ids: { shape: ['tokens'], shapeWhen: ['indexed', 'slabs', ['indices']], dtype: 'u32' },
  },
  outputs: { y: { shape: ['tokens', 'hidden'], order: 'rows', inOut: ['others', 'keep'] } },
  scalars: { scale: 1 },
  options: { first_row: [0], others: ['zero', 'keep'], indexed: ['table', 'slabs'], slab_rows: [0] },
  validate: ({ axes, options: { first_row, indexed, slab_rows } }) => {
    const slabs = axes.vocab! / Number(slab_rows);
    if (indexed === 'slabs' && (slabs % 1 !== 0 || slabs * axes.indices! !== axes.tokens))
      throw new TilewrightError('bad-shape', {
        subject: 'embedding',
        problem: `y has ${axes.tokens} rows for ${axes.indices} of each of ${slabs} slabs`,
        requirement: 'slabs divide the table, and y has the rows of all',
        fix: 'change slab_rows or axes.tokens',
      });
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
