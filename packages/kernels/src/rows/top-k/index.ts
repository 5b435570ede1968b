import { assemble } from '../../contract/assemble.ts';
import type { Capabilities } from '../../contract/capabilities.ts';
import type { Plan, PlanChoice, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import orderedWgsl from '../../numbers/ordered.wgsl';
import wideWgsl from '../../numbers/wide.wgsl';
import { splitsOf } from '../splits.ts';
import crossingWgsl from '../selection/crossing.wgsl';
import fewWgsl from './few.wgsl';
import manyWgsl from './many.wgsl';
import selectWgsl from './select.wgsl';
import shortWgsl from './short.wgsl';
import splitWgsl from './split.wgsl';
import wholeWgsl from './whole.wgsl';

const bins = 2048;
/** Rows in which elements can afford to be compared with all others. */
const mostShort = 256;
/** What a workgroup can afford to keep in its own memory and put in order. */
const mostFew = 64;

/** Elements of a part: the last one also has at least `k`. */
function partOf(columns: number, parts: number, k: number): number {
  for (let count = parts; count > 1; count--) {
    const part = Math.ceil(columns / count);
    if (columns - part * (count - 1) >= k) return part;
  }
  return columns;
}

function shortProgram(problem: Problem, plan: Plan): Program {
  const { columns, k } = problem.axes as { columns: number; k: number };
  const workgroup = Number(plan.workgroup);
  return assemble({
    kernel: topK,
    problem,
    plan,
    constants: { COLUMNS: columns, K: k, WORKGROUP: workgroup, STEPS: Math.ceil(columns / workgroup) },
    wgsl: [orderedWgsl, shortWgsl],
    dispatches: [{ entryPoint: 'main', workgroups: 'rows' }],
  });
}

const selection = [wideWgsl, orderedWgsl, crossingWgsl, selectWgsl];

/** For selecting among `most` elements at once, at the most. */
const selectionConstants = (
  { axes }: Problem,
  workgroup: number,
  most: number,
): Readonly<Record<string, number>> => ({
  COLUMNS: axes.columns!,
  K: axes.k!,
  WORKGROUP: workgroup,
  BINS_EACH: bins / workgroup,
  SEGMENT: Math.ceil(most / bins),
});

function program(problem: Problem, plan: Plan): Program {
  const { columns, k } = problem.axes as { columns: number; k: number };
  const workgroup = Number(plan.workgroup);
  const part = partOf(columns, Number(plan.parts), k);
  const parts = Math.ceil(columns / part);
  const most = Math.max(part, parts === 1 ? 0 : parts * k);
  return assemble({
    kernel: topK,
    problem,
    plan,
    constants: {
      ...selectionConstants(problem, workgroup, most),
      PARTS: parts,
      PART: part,
      SORT_STEPS: Math.ceil(k / workgroup),
    },
    wgsl: [...selection, fewWgsl, parts === 1 ? wholeWgsl : splitWgsl],
    ...(parts === 1
      ? { dispatches: [{ entryPoint: 'main', workgroups: 'rows' }] }
      : {
          scratch: {
            found: { sizeBytes: times('rows', 8 * parts * k), dtype: 'u32' as const, width: 2 as const },
          },
          dispatches: [
            { entryPoint: 'gather', workgroups: times('rows', parts), bindings: ['x', 'found'] },
            { entryPoint: 'merge', workgroups: 'rows', bindings: ['x', 'found', 'values', 'ids'] },
          ],
        }),
  });
}

function manyProgram(problem: Problem, plan: Plan): Program {
  const { columns, k } = problem.axes as { columns: number; k: number };
  const workgroup = Number(plan.workgroup);
  return assemble({
    kernel: topK,
    problem,
    plan,
    constants: selectionConstants(problem, workgroup, columns),
    wgsl: [...selection, wholeWgsl, manyWgsl],
    scratch: { found: { sizeBytes: times('rows', 8 * k), dtype: 'u32', width: 2 } },
    dispatches: [
      { entryPoint: 'main', workgroups: 'rows', bindings: ['x', 'found'] },
      {
        entryPoint: 'rank',
        workgroups: ceilDiv(times('rows', k), workgroup),
        bindings: ['found', 'values', 'ids'],
      },
    ],
  });
}

function plans({ axes }: Problem, capabilities: Capabilities): readonly PlanChoice[] {
  const parts = splitsOf(axes.rows!, axes.columns!, 4096, capabilities);
  const whole = { workgroup: capabilities.software ? 64 : 256, parts: 1 };
  return parts === 1 ? [whole] : [{ ...whole, parts }, whole];
}

/**
 * the k largest x of each row, and where they are.
 *
 * The `k` largest elements of each row in descending order, the lowest index first among equals; NaN is ahead of infinity.
 *
 * `x` is `[rows, columns]` f32 or f16; `values` f32 and `ids` u32 are `[rows, k]`. `k` is at most `columns`; up to 64 are fastest.
 */
export const topK: Kernel<'x', 'values' | 'ids'> = /* @__PURE__ */ defineKernel({
  name: 'top-k',
  axes: { rows: 'dynamic', columns: 'static', k: 'static' },
  inputs: { x: { shape: ['rows', 'columns'], order: 'rows' } },
  outputs: { values: { shape: ['rows', 'k'], dtype: 'f32' }, ids: { shape: ['rows', 'k'], dtype: 'u32' } },
  dtypes: ['f32', 'f16'],
  validate: ({ axes }) => {
    const { columns, k } = axes as { columns: number; k: number };
    if (k <= columns) return;
    throw new TilewrightError('bad-shape', {
      subject: 'top-k',
      problem: `k is ${k} for rows of ${columns}`,
      requirement: 'k is at most the length of a row',
      fix: 'choose a smaller k',
    });
  },
  variants: [
    {
      name: 'short',
      supports: ({ axes }) =>
        axes.columns! <= mostShort || `rows of ${axes.columns} are longer than ${mostShort}`,
      plans: (_, { software }) => [{ workgroup: software ? 8 : 64 }],
      program: shortProgram,
    },
    {
      name: 'baseline',
      supports: ({ axes }) => axes.k! <= mostFew || `k is ${axes.k}, more than ${mostFew}`,
      plans,
      program,
    },
    {
      name: 'many',
      supports: ({ axes }) => axes.k! > mostFew || `k is ${axes.k}, at most ${mostFew}`,
      plans: (_, { software }) => [{ workgroup: software ? 64 : 256 }],
      program: manyProgram,
    },
  ],
});
