import { checkOptions, having, listOf } from '../../contract/check-options.ts';
import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import cacheCompactWgsl from './cache-compact.wgsl';
import inPlaceWgsl from './in-place.wgsl';

const workgroup = 64;

function program(problem: Problem, plan: Plan): Program {
  const { outer, capacity, inner } = problem.axes as Record<'outer' | 'capacity' | 'inner', number>;
  const inPlace = problem.options.in_place === true;
  const width = inner % 4 === 0 ? 4 : 1;
  const units = inner / width;
  const lines = times('batch', outer * units);
  return assemble({
    kernel: cacheCompact,
    problem,
    plan,
    constants: { OUTER: outer, CAPACITY: capacity, UNITS: units, MANY: 0x3fff_ffff, WORKGROUP: workgroup },
    views: { past: { width }, cache: { width } },
    wgsl: [inPlace ? inPlaceWgsl : cacheCompactWgsl],
    dispatches: [
      {
        entryPoint: 'main',
        workgroups: ceilDiv(inPlace ? lines : times(lines, 'kept_rows'), workgroup),
      },
    ],
  });
}

/**
 * cache[i] = past[kept[i]], the rows that a cache keeps moved together.
 *
 * Moves the rows that a cache keeps together: row i becomes what row `kept[i]` was.
 *
 * `past` and `cache` are `[batch, outer, capacity, inner]`, each f32 or f16; `kept` u32 `[batch, kept_rows]` names a batch row's
 * rows, `counts` u32 `[batch]` says how many of the names count. Rows of `cache` from the count on stay as they are; names
 * beyond the capacity leave a row as it is. With `in_place` there is no `past`, and names must ascend; without, they may come in
 * any order and more than once. `keptRows` makes both tensors and checks them.
 */
export const cacheCompact: Kernel<'past' | 'kept' | 'counts', 'cache'> = /* @__PURE__ */ defineKernel({
  name: 'cache-compact',
  axes: { batch: 'dynamic', outer: 'static', capacity: 'static', inner: 'static', kept_rows: 'dynamic' },
  inputs: {
    past: { shape: ['batch', 'outer', 'capacity', 'inner'], when: ['in_place', false] },
    kept: { shape: ['batch', 'kept_rows'], dtype: 'u32' },
    counts: { shape: ['batch'], dtype: 'u32' },
  },
  outputs: { cache: { shape: ['batch', 'outer', 'capacity', 'inner'], inOut: true } },
  options: { in_place: [false, true] },
  dtypes: ['f32', 'f16'],
  validate: ({ axes: { kept_rows, capacity } }) => {
    if (kept_rows! <= capacity!) return;
    throw new TilewrightError('bad-shape', {
      subject: 'cache-compact',
      problem: `${kept_rows} rows are kept of a cache of ${capacity}`,
      requirement: 'a cache keeps some of its rows',
      fix: 'keep fewer rows, or give the cache more',
    });
  },
  variants: [{ name: 'baseline', program }],
});

/**
 * The tensors `kept` and `counts` of {@link cacheCompact} for these rows of each batch row, ascending. Throws
 * `bad-argument` for others.
 */
export function keptRows(
  rows: readonly (readonly number[])[],
  capacity: number,
): { readonly kept: Uint32Array<ArrayBuffer>; readonly counts: Uint32Array<ArrayBuffer> } {
  checkOptions('keptRows', { rows }, { rows: listOf(having('a list of rows', 'length')) });
  const width = Math.max(1, ...rows.map(({ length }) => length));
  const kept = new Uint32Array(rows.length * width);
  rows.forEach((list, batch) =>
    list.forEach((row, place) => {
      const before = place === 0 ? -1 : list[place - 1]!;
      if (!(Number.isSafeInteger(row) && row > before && row < capacity))
        throw new TilewrightError('bad-argument', {
          subject: 'keptRows',
          problem: `batch row ${batch} keeps row ${row} after row ${before} of a cache of ${capacity}`,
          requirement: 'rows that are kept ascend, and are there',
          fix: 'sort the rows, or correct them',
        });
      kept[batch * width + place] = row;
    }),
  );
  return { kept, counts: Uint32Array.from(rows, ({ length }) => length) };
}
