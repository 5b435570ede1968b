import type { Capabilities } from '../contract/capabilities.ts';
import type { Problem } from '../contract/contract.ts';
import { blockQuadsOfB } from './contract.ts';
import type { ThreadTile } from './thread-tile.ts';

/**
 * Tiles for adapters that run on the CPU, best guess first. Measured on lavapipe: reading a number from a buffer takes as
 * long as tens of multiplications there, whether all lanes read the same one or not, so tiles are high and lanes share
 * what they read of a. 16 rows by 4 columns is the fastest; 32 rows or 8 columns no longer fit its registers.
 */
export function softwareTiles(
  problem: Problem,
  { subgroupMinSize, subgroupMaxSize }: Capabilities,
): readonly ThreadTile[] {
  const { axes } = problem;
  const rowCount = axes.batch! * axes.m!;
  const products = rowCount * axes.k! * (axes.n ?? axes.stacked!);
  const shuffles = subgroupMinSize >= 4;
  // The higher tile takes twice as long to compile: only where there is much to compute.
  const [low, high] = shuffles ? [8, 16] : [4, 8];
  const most = (shuffles ? products > 2 ** 24 : rowCount >= 64) ? high : low;
  const rows = Math.min(most, powerOfTwo(rowCount));
  const blockQuads = blockQuadsOfB(problem, 1);
  // SwiftShader, of subgroups of 4, is fast with the unrolled tile only; so is what cannot exchange values.
  const unrolled = subgroupMaxSize <= 4;
  const share = shuffles ? Math.min(8, subgroupMinSize, unrolled ? rows : rows * blockQuads) : 1;
  return [{ rows, quads: 1, lanes: 16, share, depth: 1, splits: 1, unrolled }];
}

const powerOfTwo = (count: number): number => 2 ** Math.ceil(Math.log2(count));
