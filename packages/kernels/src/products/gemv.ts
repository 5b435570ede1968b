import type { Capabilities, Feature } from '../contract/capabilities.ts';
import type { Plan, Problem, Variant } from '../contract/contract.ts';
import { ceilDiv, times } from '../contract/extent.ts';
import { blockQuadsOfB } from './contract.ts';
import gemvWgsl from './gemv.wgsl';
import subgroupsWgsl from './gemv.subgroups.wgsl';
import sumsWgsl from './gemv-sums.wgsl';
import { rowCount } from './frame.ts';
import { type Linear, linearProgram } from './program.ts';

interface Shape {
  /** Rows of `a` a workgroup takes at once. */
  readonly rows: number;
  /** Invocations along K for one quad of columns. */
  readonly lanes: number;
  /** Quads of columns of a workgroup. */
  readonly groups: number;
  /** Shares of K that different workgroups add up. */
  readonly splits: number;
}

const fewRows = ({ axes }: Problem, most: number): true | string =>
  axes.batch! * axes.m! <= most || `made for at most ${most} rows`;

/** Variants for few rows, whose invocations lie along K; preferred ones first. */
export const gemvVariants = (linear: Linear): readonly Variant[] => [
  variant(linear, 'subgroups', subgroupsWgsl, ['subgroups', 'subgroup_id']),
  variant(linear, 'baseline', gemvWgsl, []),
];

function variant(linear: Linear, name: string, wgsl: string, requires: readonly Feature[]): Variant {
  return {
    name,
    requires,
    ...(linear.mostRows !== undefined && { supports: (problem) => fewRows(problem, linear.mostRows!) }),
    plans: (problem, capabilities) => {
      const shape = shapeOf(problem, linear.columns(problem), capabilities, requires.length > 0);
      return [{ ...shape }];
    },
    program: (problem, plan, kernel) => {
      const { rows, lanes, groups, splits } = plan as Plan & Shape;
      const columns = linear.columns(problem);
      const tilesN = Math.ceil(columns / (4 * groups));
      return linearProgram(linear, {
        kernel,
        problem,
        plan,
        requires,
        splits,
        freeBlockQuads: 1,
        wgsl: [wgsl, sumsWgsl],
        constants: {
          TILE_M: rows,
          LANES: lanes,
          GROUPS: groups,
          LEVELS: Math.log2(lanes),
          WORKGROUP: lanes * groups,
          MAX_SUBGROUPS: Math.ceil(lanes / 4),
          STEPS: Math.ceil(Math.ceil(blocksOf(problem) / splits) / lanes),
          TILES_N: tilesN,
        },
        workgroups: times(ceilDiv(rowCount, rows), tilesN),
      });
    },
  };
}

/** As many lanes along K as there is work for, 64 invocations in all. */
function shapeOf(problem: Problem, columns: number, capabilities: Capabilities, subgroups: boolean): Shape {
  const most = Math.min(
    capabilities.software ? 8 : 64,
    capabilities.limits.maxComputeInvocationsPerWorkgroup,
  );
  const blocks = blocksOf(problem);
  const lanes = Math.max(
    subgroups && !capabilities.software ? 32 : 4,
    Math.min(most, 2 ** Math.floor(Math.log2(blocks))),
  );
  const groups = subgroups ? 1 : most / lanes;
  // All rows at once, up to 8; software adapters compile long loops for seconds and gain nothing by them.
  const rows = Math.min(
    capabilities.software ? 2 : 8,
    2 ** Math.ceil(Math.log2(problem.axes.batch! * problem.axes.m!)),
  );
  const workgroups =
    Math.ceil(columns / (4 * groups)) * Math.ceil((problem.axes.batch! * problem.axes.m!) / rows);
  return { rows, lanes, groups, splits: splitsOf(workgroups, Math.ceil(blocks / lanes)) };
}

/** Blocks a row of the weight is cut in: a lane takes one at a time. */
const blocksOf = (problem: Problem): number => Math.ceil(problem.axes.k! / (4 * blockQuadsOfB(problem, 1)));

/** Splits K while there are too few workgroups for a large GPU and every lane has at least four steps left. */
function splitsOf(workgroups: number, steps: number): number {
  let splits = 1;
  while (workgroups * splits < 256 && steps / (2 * splits) >= 4) splits *= 2;
  return splits;
}
