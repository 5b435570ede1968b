import type { Capabilities } from '../core/capabilities.ts';
import type { Problem } from '../core/contract.ts';
import { layoutOfB } from './contract.ts';
import type { ThreadTile } from './thread-tile.ts';

/** Tiles for adapters that run on the CPU, best guess first. */
export function softwareTiles(problem: Problem, { subgroupMinSize }: Capabilities): readonly ThreadTile[] {
  const { axes } = problem;
  const rows = Math.min(subgroupMinSize >= 4 ? 8 : 2, powerOfTwo(axes.batch! * axes.m!));
  const blockQuads = layoutOfB(problem).kind === 'dense' ? 1 : 8;
  const share = subgroupMinSize >= 4 ? Math.min(8, subgroupMinSize, rows * blockQuads) : 1;
  return [{ rows, quads: 1, lanes: 16, share, depth: 1, splits: 1 }];
}

const powerOfTwo = (count: number): number => 2 ** Math.ceil(Math.log2(count));
