import type { Capabilities, Feature } from '../contract/capabilities.ts';
import type { Plan, PlanChoice, Problem, Variant } from '../contract/contract.ts';
import { times } from '../contract/extent.ts';
import { blockQuadsOfB } from './contract.ts';
import { observesA } from './program.ts';
import subgroupsWgsl from './thread-tile.subgroups.wgsl';
import tileWgsl from './tile.wgsl';
import { rowTiles, type Tiled } from './tiled.ts';
import { unrolledTile } from './unrolled-tile.ts';

export interface ThreadTile {
  /** Rows of an invocation's tile, a power of two. */
  readonly rows: number;
  /** Quads of columns of it. */
  readonly quads: number;
  /** Invocations of a workgroup, side by side along the columns. */
  readonly lanes: number;
  /** Lanes that divide the reading of `a`, a power of two no larger than any subgroup; 1 where lanes work alone. */
  readonly share: number;
  /** Quads of a row per step along K where it may be cut at will; a multiple of `share / rows`. */
  readonly depth: number;
  /** Shares of K that different workgroups add up. */
  readonly splits: number;
  /** Every number in a variable of its own; only of `quads` 1 and `share` at most `rows`. */
  readonly unrolled: boolean;
}

export type ThreadTiles = (problem: Problem, capabilities: Capabilities) => readonly ThreadTile[];

/** The variants whose invocations hold a tile of y in registers: with lanes that exchange values, and without. */
export const threadTiles = (tiled: Tiled, tiles: ThreadTiles): readonly Variant[] => [
  variant(tiled, 'thread-tile-subgroups', ['subgroups'], tiles),
  variant(tiled, 'thread-tile', [], (problem, capabilities) =>
    tiles(problem, { ...capabilities, subgroupMinSize: 0, subgroupMaxSize: 0 }),
  ),
];

function variant(tiled: Tiled, name: string, requires: readonly Feature[], tiles: ThreadTiles): Variant {
  return {
    name,
    requires,
    // First on adapters that run on the CPU, where workgroup memory and barriers are slow; the last resort on GPUs.
    rank: (_, { software }) => (software ? -1 : 9),
    plans: (problem, capabilities) => tiles(problem, capabilities).map((tile): PlanChoice => ({ ...tile })),
    program: (problem, plan, kernel) => {
      const { rows, quads, lanes, share, depth, splits, unrolled } = plan as Plan & ThreadTile;
      const oneQuad = blockQuadsOfB(problem, depth) === 1;
      const tilesN = Math.ceil(tiled.columns(problem) / (4 * quads * lanes));
      return tiled.program({
        kernel,
        problem,
        plan,
        requires,
        splits,
        freeBlockQuads: depth,
        wgsl: unrolled
          ? [unrolledTile({ rows, parts: tiled.parts, observes: observesA(problem), oneQuad, share })]
          : [subgroupsWgsl, tileWgsl],
        constants: { TILE_M: rows, TILE_QUADS: quads, WORKGROUP: lanes, SHARE: share, TILES_N: tilesN },
        workgroups: times(rowTiles(tiled, rows), tilesN),
      });
    },
  };
}
