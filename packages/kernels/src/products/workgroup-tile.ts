import type { Capabilities } from '../contract/capabilities.ts';
import type { Plan, Problem, Variant } from '../contract/contract.ts';
import { times } from '../contract/extent.ts';
import { blockQuadsOfB, readerOfB } from './contract.ts';
import { rowTiles, type Tiled, tileableRows } from './tiled.ts';
import tileWgsl from './workgroup-tile.wgsl';

interface WorkgroupTile {
  /** Invocations along rows and along columns. */
  readonly lanesM: number;
  readonly lanesN: number;
  /** Rows, and quads of columns of each product, that an invocation holds. */
  readonly rows: number;
  readonly quads: number;
  /** Quads between one quad of K and the next in workgroup memory beyond those of the tile: 1 keeps lanes off one bank. */
  readonly pad: number;
  /** Shares of K that different workgroups add up. */
  readonly splits: number;
}

/** The variant for hardware: a tile in workgroup memory, decoded once, that all invocations of a workgroup read. */
export const workgroupTile = (tiled: Tiled): Variant => ({
  name: 'workgroup-tile',
  // Few rows fill no tile.
  rank: (problem) => (tileableRows(tiled, problem) > 8 ? -1 : 5),
  supports: (_, { software }) => !software || 'made for hardware: barriers take CPUs longer than they save',
  plans: (problem, capabilities) => [{ ...tileOf(tiled, problem, capabilities) }],
  program: (problem, plan, kernel) => {
    const { lanesM, lanesN, rows, quads, pad, splits } = plan as Plan & WorkgroupTile;
    const tilesN = Math.ceil(tiled.columns(problem) / (4 * lanesN * quads));
    const depth = depthOf(problem);
    // Lanes read quads side by side where they can; of a packed block a lane takes as much as leaves none without work.
    const run =
      readerOfB(problem).blockQuads === undefined
        ? 1
        : Math.min(depth, (4 * tiled.parts * quads * depth) / lanesM);
    return tiled.program({
      kernel,
      problem,
      plan,
      splits,
      freeBlockQuads: depth,
      wgsl: [tileWgsl],
      constants: {
        LANES_M: lanesM,
        LANES_N: lanesN,
        TILE_M: rows,
        TILE_QUADS: quads,
        PAD: pad,
        B_RUN: run,
        TILES_N: tilesN,
      },
      workgroups: times(rowTiles(tiled, lanesM * rows), tilesN),
    });
  },
});

/** Quads of K in workgroup memory at a time: a block of packed weights, four of what may be cut at will. */
const depthOf = (problem: Problem): number => blockQuadsOfB(problem, 4);

/** Tiles of 64 columns, 8 rows by 8 columns an invocation, as high as there are rows and memory for. */
function tileOf(tiled: Tiled, problem: Problem, { limits }: Capabilities): WorkgroupTile {
  const wide = 2 / tiled.parts;
  const tileable = tileableRows(tiled, problem);
  const shapes = [
    { lanesM: 16, lanesN: 8, rows: 8, quads: wide },
    { lanesM: 8, lanesN: 8, rows: 8, quads: wide },
    { lanesM: 8, lanesN: 8, rows: 4, quads: wide },
  ];
  const bytes = ({ lanesM, lanesN, rows, quads }: (typeof shapes)[0], pad: number): number =>
    16 * depthOf(problem) * (lanesM * rows + 4 * tiled.parts * lanesN * quads + 2 * pad);
  const most = limits.maxComputeWorkgroupStorageSize;
  const shape =
    shapes.find((each) => bytes(each, 0) <= most && (each.lanesM * each.rows) / 2 < tileable) ??
    shapes.at(-1)!;
  const workgroups =
    Math.ceil(tiled.columns(problem) / (4 * shape.lanesN * shape.quads)) *
    Math.ceil(tileable / (shape.lanesM * shape.rows)) *
    (tiled.batched ? problem.axes.batch! : 1);
  const blocks = Math.ceil(problem.axes.k! / (4 * depthOf(problem)));
  // A large GPU wants some 256 workgroups; a share of K is worth a second dispatch from 256 columns on.
  let splits = 1;
  while (workgroups * splits < 128 && (blocks * 4 * depthOf(problem)) / (2 * splits) >= 256) splits *= 2;
  return { ...shape, pad: bytes(shape, 1) <= most ? 1 : 0, splits };
}
