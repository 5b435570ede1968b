import { assemble } from '../../contract/assemble.ts';
import type { Capabilities } from '../../contract/capabilities.ts';
import type { Plan, PlanChoice, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, plus, times } from '../../contract/extent.ts';
import { gridAddressWgsl, type GridRows, gridRows } from '../grid.ts';
import addWgsl from './add.wgsl';
import sortWgsl from './sort.wgsl';

const workgroup = 64;

/** Where the rows of x or y lie. Throws `bad-argument`, and `bad-shape` where digits do not divide an axis. */
const rowsOf = ({ axes, options }: Problem, tensor: 'x' | 'y'): GridRows =>
  gridRows(
    'segment-sum',
    tensor,
    { axes: { ...axes, head_size: axes.channels! }, options },
    axes[tensor === 'x' ? 'tokens' : 'segments']!,
  );

function program(problem: Problem, plan: Plan): Program {
  const { heads, lists, channels } = problem.axes as Record<'heads' | 'lists' | 'channels', number>;
  const { operation, counts } = problem.options;
  const width = channels % 4 === 0 ? 4 : 1;
  const units = channels / width;
  const down = Number(plan.down);
  const rows = times('batch', lists);
  const addressOf = (tensor: 'x' | 'y'): string =>
    gridAddressWgsl(
      `${tensor}_at`,
      rowsOf(problem, tensor),
      width,
      tensor === 'x' ? 'params.tokens' : 'params.segments',
    );
  return assemble({
    kernel: segmentSum,
    problem,
    plan,
    constants: {
      HEADS: heads,
      LISTS: lists,
      UNITS: units,
      MEAN: operation === 'mean',
      DOWN: down,
      ACROSS: workgroup / down,
      WORKGROUP: workgroup,
      MANY: 0x3fff_ffff,
    },
    views: { x: { width }, y: { width } },
    scratch: {
      starts: { sizeBytes: times(times(rows, 4), plus('segments', 1)), dtype: 'u32' },
      ranks: { sizeBytes: times(times(rows, 4), 'tokens'), dtype: 'u32' },
      order: { sizeBytes: times(times(rows, 4), 'tokens'), dtype: 'u32' },
    },
    wgsl: [
      sortWgsl,
      addWgsl,
      addressOf('x'),
      addressOf('y'),
      `alias fragment = ${width === 4 ? 'vec4<f32>' : 'f32'};`,
      `fn store_count(at: u32, count: u32) {${counts === true ? ' counts_store(at, count); ' : ''}}`,
    ],
    dispatches: [
      { entryPoint: 'sort', workgroups: rows, bindings: ['assignment', 'starts', 'ranks', 'order'] },
      {
        entryPoint: 'add',
        workgroups: ceilDiv(times(times('batch', 'segments'), heads * units * down), workgroup),
        bindings: ['x', 'y', ...(counts === true ? ['counts'] : []), 'starts', 'order'],
      },
    ],
  });
}

/** Invocations that share a segment's tokens: one per eight of them on a GPU. */
function plans({ axes }: Problem, { software }: Capabilities): readonly PlanChoice[] {
  const each = axes.tokens! / axes.segments! / 8;
  const shared = Math.min(16, Math.max(2, 2 ** Math.floor(Math.log2(each))));
  const counts = software || each < 2 ? [1, shared] : [shared, 1];
  return counts.map((down) => ({ down }));
}

/**
 * y[s] = Σ x[t] (or their mean) over the tokens t of segment s.
 *
 * Sums, or means, of the rows that an assignment puts into the same segment.
 *
 * `x` is `[batch, tokens, heads, channels]`, f32 or f16, `assignment` u32 `[batch, lists, tokens]` the segment of each token, `lists`
 * being `heads`, or 1 where all heads have the same. `y` is `[batch, segments, heads, channels]`, f32 or f16. `x_strides` and `y_strides`
 * name other orders of these axes (`bhsd`), or any memory order of attention. A token whose number is no segment, 4294967295
 * say, belongs to none. A segment without tokens is zero. With `counts: true` its tokens are counted too, u32 `[batch, lists,
 * segments]`. `operation: 'mean'` divides by that count.
 *
 * `segments` is an axis of the results alone, so it is given by name. Sums are f32, in the order of the tokens or (by the Plan)
 * in interleaved parts of it: the same inputs give the same bits.
 *
 * @throws `bad-shape` for another number of lists, or an order that does not fit the axes, `bad-argument` for one that cannot be
 *   read.
 */
export const segmentSum: Kernel<'x' | 'assignment', 'y' | 'counts'> = /* @__PURE__ */ defineKernel({
  name: 'segment-sum',
  axes: {
    batch: 'dynamic',
    heads: 'static',
    lists: 'static',
    tokens: 'dynamic',
    segments: 'dynamic',
    channels: 'static',
  },
  inputs: {
    x: {
      shape: ['batch', 'tokens', 'heads', 'channels'],
      order: { option: 'x_strides', letters: 'bshd' },
    },
    assignment: { shape: ['batch', 'lists', 'tokens'], dtype: 'u32' },
  },
  outputs: {
    y: {
      shape: ['batch', 'segments', 'heads', 'channels'],
      order: { option: 'y_strides', letters: 'bshd' },
    },
    counts: { shape: ['batch', 'lists', 'segments'], dtype: 'u32', when: ['counts', true] },
  },
  options: {
    operation: ['sum', 'mean'],
    counts: [false, true],
    x_strides: ['bshd'],
    y_strides: ['bshd'],
  },
  dtypes: ['f32', 'f16'],
  validate: (problem) => {
    rowsOf(problem, 'x');
    rowsOf(problem, 'y');
    const { heads, lists } = problem.axes;
    if (lists === heads || lists === 1) return;
    throw new TilewrightError('bad-shape', {
      subject: 'segment-sum',
      problem: `'assignment' has ${lists} lists for ${heads} heads`,
      requirement: 'each head has a list of its own, or all have one',
      fix: `give ${heads} lists, or 1`,
    });
  },
  variants: [{ name: 'baseline', plans, program }],
});
