// How a reader finds the scales of a block's codes.
import frameBlocks from './frame.blocks.wgsl';
import frameElements from './frame.elements.wgsl';
import frameQuads from './frame.quads.wgsl';
import placesAcross from './places.across.wgsl';
import placesFlat from './places.flat.wgsl';
import placesIndexed from './places.indexed.wgsl';
import placesRows from './places.rows.wgsl';
import scalingBlocks from './scaling.blocks.wgsl';
import { type Grouping, isByBlocks } from './grouping.ts';

export interface Frame {
  readonly wgsl: readonly string[];
  readonly constants: (groups: number) => Readonly<Record<string, number>>;
}

/** How scales are found: one for a block where that is right, else for each quad or each element. */
export function frameOf(grouping: Grouping, columns: number, isZeroless: boolean): Frame {
  const { group, places } = grouping;
  const width = group === 'row' ? columns : group;
  const byGroup = { B_GROUP: width };
  if (isByBlocks(grouping) && !(isZeroless && columns % 32 !== 0))
    return {
      wgsl: [scalingBlocks, frameBlocks],
      constants: () => ({ B_GROUP_BLOCKS: Math.ceil(width / 32) }),
    };
  if (places === 'rows' && (group === 'row' || group % 4 === 0))
    return { wgsl: [frameQuads], constants: () => byGroup };
  const [wgsl, constants] = {
    rows: [placesRows, () => byGroup],
    flat: [placesFlat, () => byGroup],
    across: [placesAcross, (groups: number) => ({ B_ACROSS: groups })],
    indexed: [placesIndexed, () => ({})],
  }[places] as [string, Frame['constants']];
  return { wgsl: [wgsl, frameElements], constants };
}
