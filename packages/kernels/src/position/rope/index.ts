import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import type { TensorView } from '../../contract/tensor-view.ts';
import { fittedOrder } from '../../memory/fitted-order.ts';
import { type MemoryOrder, rowAddressWgsl } from '../../memory/memory-order.ts';
import betweenWgsl from './between.wgsl';
import ropeWgsl from './rope.wgsl';
import withinWgsl from './within.wgsl';

export {
  angleTable,
  dynamicRope,
  linearRope,
  llama3Rope,
  ntkRope,
  plainRope,
  type RopeAngles,
  type RopeFrequencies,
  type YarnScaling,
  yarnRope,
} from './rope-frequencies.ts';
export { ropeTable } from './rope-table.ts';
export type { RopeScaling, RopeTableOptions } from './rope-table.ts';

const workgroup = 64;

function program(problem: Problem, plan: Plan): Program {
  const { heads, head_size: size, half } = problem.axes as Record<'heads' | 'head_size' | 'half', number>;
  const { interleaved, table, positions } = problem.options;
  // Vectors where pairs and heads are made of whole ones.
  const width = size % 4 === 0 && half % (interleaved ? 2 : 4) === 0 ? 4 : 1;
  const within = interleaved && width === 4;
  const angles = within ? 2 : width;
  const turning = half / angles;
  const units = size / width;
  const items = within ? units : turning + units - (2 * half) / width;
  return assemble({
    kernel: rope,
    problem,
    plan,
    constants: {
      HEADS: heads,
      ITEMS: items,
      TURNING: turning,
      FIRST_COPIED: (2 * half) / width,
      ...(!within && { FIRST_STEP: interleaved ? 2 : 1, PARTNER: interleaved ? 1 : half / width }),
      WORKGROUP: workgroup,
    },
    views: { x: { width }, y: { width }, ...tableViews(table === 'pairs', angles) },
    wgsl: [
      ropeWgsl,
      within ? withinWgsl : betweenWgsl,
      tableWgsl(table === 'pairs', angles),
      `fn table_row(token: u32) -> u32 { return ${positions === 'none' ? 'token' : 'min(positions_load(token), params.table_rows - 1u)'}; }`,
      ...(['x', 'y'] as const).map((name) =>
        rowAddressWgsl(`${name}_row`, orderOf(name, problem), {
          b: 'params.batch',
          s: 'params.tokens',
          h: `${heads}u`,
          d: units,
        }),
      ),
    ],
    dispatches: [
      {
        entryPoint: 'main',
        workgroups: ceilDiv(times('batch', times('tokens', heads * items)), workgroup),
      },
    ],
  });
}

/** How the tables are read for the angles of a unit: one, two neighbouring ones or four. */
const tableViews = (pairs: boolean, angles: 1 | 2 | 4): Readonly<Record<string, TensorView>> =>
  pairs
    ? { cos_sin: { width: angles === 1 ? 2 : 4 } }
    : { cosine: { width: angles }, sine: { width: angles } };

/** `cosine_at(i)` and `sine_at(i)`: those of unit i of the tables. */
function tableWgsl(pairs: boolean, angles: 1 | 2 | 4): string {
  const type = angles === 1 ? 'f32' : `vec${angles}<f32>`;
  const parts = { 1: ['x', 'y'], 2: ['xz', 'yw'], 4: ['xz', 'yw'] }[angles];
  return ['cosine', 'sine']
    .map((name, i) => {
      const part = (at: string): string => `cos_sin_load(${at}).${parts[i]}`;
      const value = !pairs
        ? `${name}_load(i)`
        : angles === 4
          ? `${type}(${part('2u * i')}, ${part('2u * i + 1u')})`
          : part('i');
      return `fn ${name}_at(i: u32) -> ${type} { return ${value}; }`;
    })
    .join('\n');
}

function orderOf(name: 'x' | 'y', problem: Problem): MemoryOrder {
  const { batch, tokens, heads } = problem.axes as Record<string, number>;
  const sizes = { b: batch!, s: tokens!, h: heads! };
  return fittedOrder('rope', `${name}_strides`, problem, name === 'y', sizes);
}

function validate(problem: Problem): void {
  const { axes, options } = problem;
  const { head_size: size, half, batch, tokens, table_rows: rows, pair = 2 } = axes as Record<string, number>;
  const refuse = (wrong: string, requirement: string, fix: string): never => {
    throw new TilewrightError('bad-shape', { subject: 'rope', problem: wrong, requirement, fix });
  };
  orderOf('x', problem);
  orderOf('y', problem);
  if (2 * half! > size!)
    refuse(
      `half is ${half} for heads of ${size}`,
      '2 · half channels of a head turn',
      'give axes.half at most head_size / 2',
    );
  if (pair !== 2)
    refuse(`pair is ${pair}`, 'cos_sin holds pairs of a cosine and a sine', 'give cos_sin a last axis of 2');
  if (options.positions === 'none' && rows !== batch! * tokens!)
    refuse(
      `the tables have ${rows} rows for ${batch} · ${tokens} tokens`,
      'without positions each token has a row of its own',
      `give axes.table_rows ${batch! * tokens!}`,
    );
}

/**
 * y = x with pairs of channels turned by their position.
 *
 * Rotary position embedding (Su et al. 2021, arXiv 2104.09864; ONNX `RotaryEmbedding`).
 *
 * `x` and `y` are `[batch, tokens, heads, head_size]`, in the memory orders `x_strides` and `y_strides` (default `bshd`; `bhsd` for
 * `[batch, heads, tokens, head_size]`, digits for views), each f32 or f16, computed in f32. `2 · half` leading channels of a
 * head turn and the others are copied; pairs are (i, i + half), or with `interleaved` (2i, 2i + 1).
 *
 * The option `table` says how angles are given: `pairs`, f32 `cos_sin` `[table_rows, half, 2]` ({@link ropeTable}); or `separate`,
 * `cosine` and `sine` `[table_rows, half]`, f32 or f16. `positions` says which row is a token's, beyond the last one the last:
 * `ids`, u32 `[batch, tokens]`; `none`, where the tables have a row for each token, `batch · tokens` in all.
 */
export const rope: Kernel<'x' | 'cos_sin' | 'cosine' | 'sine' | 'positions', 'y'> =
  /* @__PURE__ */ defineKernel({
    name: 'rope',
    axes: {
      batch: 'dynamic',
      tokens: 'dynamic',
      heads: 'static',
      head_size: 'static',
      half: 'static',
      table_rows: 'dynamic',
      pair: 'static',
    },
    axesWhen: { pair: ['table', 'pairs'] },
    inputs: {
      x: {
        shape: ['batch', 'tokens', 'heads', 'head_size'],
        order: { option: 'x_strides', letters: 'bshd' },
      },
      cos_sin: { shape: ['table_rows', 'half', 'pair'], dtype: 'f32', when: ['table', 'pairs'] },
      cosine: { shape: ['table_rows', 'half'], when: ['table', 'separate'] },
      sine: { shape: ['table_rows', 'half'], when: ['table', 'separate'] },
      positions: { shape: ['batch', 'tokens'], dtype: 'u32', when: ['positions', 'ids'] },
    },
    outputs: {
      y: {
        shape: ['batch', 'tokens', 'heads', 'head_size'],
        order: { option: 'y_strides', letters: 'bshd' },
      },
    },
    options: {
      table: ['pairs', 'separate'],
      positions: ['ids', 'none'],
      interleaved: [false, true],
      x_strides: ['bshd'],
      y_strides: ['bshd'],
    },
    dtypes: ['f32', 'f16'],
    validate,
    variants: [{ name: 'baseline', program }],
  });
