import { assemble } from '../../contract/assemble.ts';
import type { Capabilities } from '../../contract/capabilities.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { times } from '../../contract/extent.ts';
import gridMemoryWgsl from './grid-memory.wgsl';

/** Rows that walk at once: as many as the memory of a workgroup has room for what they hand down. */
const lanesOf = ({ axes }: Problem, { limits }: Capabilities): number =>
  Math.min(
    64,
    limits.maxComputeInvocationsPerWorkgroup,
    Math.floor(limits.maxComputeWorkgroupStorageSize / (8 * axes.key_size!)),
  );

function program(problem: Problem, plan: Plan): Program {
  const { heads, key_size: keys, value_size: values } = problem.axes as Record<string, number>;
  const lines = times('batch', heads! * values!);
  return assemble({
    kernel: gridMemory,
    problem,
    plan,
    constants: {
      HEADS: heads!,
      KEYS: keys!,
      VALUES: values!,
      LANES: plan['lanes'] as number,
      SCALE: { f32: problem.scalars.scale! },
      REVERSE_ROWS: problem.options.reverse_rows === true,
      REVERSE_COLUMNS: problem.options.reverse_columns === true,
      MANY: 0x3fff_ffff,
    },
    views: {
      transitions: { identifier: 't' },
      sources: { identifier: 's' },
      marks: { identifier: 'm' },
    },
    // What the last row of a band hands down to the next band.
    scratch: { carried: { sizeBytes: times(times(lines, 'columns'), 4 * keys!) } },
    wgsl: [gridMemoryWgsl],
    dispatches: [
      {
        entryPoint: 'main',
        workgroups: lines,
        bindings: ['q', 'k', 'v', 'transitions', 'sources', 'marks', 'y', 'carried'],
      },
    ],
  });
}

/**
 * A linear memory over a grid (pLSTM; Pöppel et al. 2025, arXiv 2506.11997): states `[key_size, value_size]` of each head on the edges, R to the right and
 * D down. At each node `y = scale · qᵀ (m_r R + m_d D)` of the edges that come in (0 at the border), and for those that go out `R' = t_rr R + t_dr D + s_r k vᵀ`,
 * `D' = t_rd R + t_dd D + s_d k vᵀ`.
 *
 * `q` and `k` are `[batch, rows, columns, heads, key_size]`, `v` and `y` `[batch, rows, columns, heads, value_size]`, `transitions` `[batch, rows, columns, 4,
 * heads]` in the order rr, rd, dr, dd (from, to), `sources` and `marks` `[batch, rows, columns, 2, heads]`, right before down; each f32 or f16. With
 * `reverse_rows` the grid is walked upwards, with `reverse_columns` to the left.
 */
export const gridMemory: Kernel<'q' | 'k' | 'v' | 'transitions' | 'sources' | 'marks', 'y'> =
  /* @__PURE__ */ defineKernel({
    name: 'grid-memory',
    axes: {
      batch: 'dynamic',
      rows: 'dynamic',
      columns: 'dynamic',
      heads: 'static',
      key_size: 'static',
      value_size: 'static',
      transitions: 'static',
      edges: 'static',
    },
    inputs: {
      q: ['batch', 'rows', 'columns', 'heads', 'key_size'],
      k: ['batch', 'rows', 'columns', 'heads', 'key_size'],
      v: ['batch', 'rows', 'columns', 'heads', 'value_size'],
      transitions: ['batch', 'rows', 'columns', 'transitions', 'heads'],
      sources: ['batch', 'rows', 'columns', 'edges', 'heads'],
      marks: ['batch', 'rows', 'columns', 'edges', 'heads'],
    },
    outputs: { y: ['batch', 'rows', 'columns', 'heads', 'value_size'] },
    scalars: { scale: 1 },
    options: { reverse_rows: [false, true], reverse_columns: [false, true] },
    dtypes: ['f32', 'f16'],
    validate: ({ axes }) => {
      if (axes.transitions === 4 && axes.edges === 2) return;
      throw new TilewrightError('bad-shape', {
        subject: 'grid-memory',
        problem: `there are ${axes.transitions} transitions and ${axes.edges} edges`,
        requirement: 'a node has two edges in and two out',
        fix: 'give 4 and 2',
      });
    },
    supports: (problem, capabilities) =>
      lanesOf(problem, capabilities) > 0 ||
      `keys of ${problem.axes.key_size} do not fit the memory of a workgroup`,
    variants: [
      {
        name: 'baseline',
        plans: (problem, capabilities) => {
          const most = lanesOf(problem, capabilities);
          // A CPU runs all lanes of a workgroup on one thread: few of them have little to wait for.
          return capabilities.software && most > 8
            ? [{ lanes: 8 }, { lanes: most }]
            : [{ lanes: most }, ...(most > 8 ? [{ lanes: 8 }] : [])];
        },
        program,
      },
    ],
  });
