// What N:M formats need of grouped values whose groups are whole blocks.
import type { KeptValues } from '../../contract/weight-format.ts';
import type { GroupedFormat } from './format.ts';
import scalingBlocks from './scaling.blocks.wgsl';
import { scalingConstants, scalingSections, scalingWgsl } from './scaling.ts';

/** All but how a value is read; `numbers` is WGSL that this needs. */
export function keptByGroup(
  { bits, group, scaling }: Pick<GroupedFormat, 'bits' | 'group' | 'scaling'>,
  numbers: readonly string[] = [],
): Omit<KeptValues, 'value'> {
  const block = group === 'row' ? 32 : group;
  const perRow = (padded: number): number => (group === 'row' ? 1 : padded / group);
  return {
    bits,
    block,
    shared: (padded) => scalingSections(scaling, perRow(padded), group === 'row' ? 0 : 1),
    scaling: [...numbers, ...scalingWgsl(scaling), scalingBlocks].join('\n'),
    constants: (padded, placed) => ({
      B_GROUPS: perRow(padded),
      B_GROUP_BLOCKS: Math.ceil((group === 'row' ? padded : group) / 32),
      ...scalingConstants(scaling, placed),
    }),
  };
}
