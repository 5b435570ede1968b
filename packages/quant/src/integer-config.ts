import { checkOption, type RecipeInput } from '@tilewright/compression';
import {
  checkedLayout,
  packInteger,
  packNM,
  type HostTensor,
  type IntegerLayout,
  type IntegerParts,
} from '@tilewright/kernels/layouts';
import type { GridConfig } from './grid.ts';

/** What integer recipes have in common; every member has a default. */
export interface IntegerConfig {
  /** 4 unless told. */
  readonly bits?: 3 | 4 | 8;
  /** Columns that share a scale: 32 unless told, or another multiple of 32. */
  readonly group?: number;
  /** True for a zero point in each group, one more byte, which suits weights that are not centred; false unless told. */
  readonly zeroPoint?: boolean;
  /** How a group's scale is found; each recipe has its own default. */
  readonly scale?: GridConfig['scale'];
}

/** `int4`, and what of the layout departs from symmetric groups of 32. */
export function integerName({ bits, group, zeroPoint }: IntegerLayout): string {
  return `int${bits}${group === 32 ? '' : `-g${group}`}${zeroPoint ? '-zp' : ''}`;
}

/** The layout of `recipe`'s configuration; throws `bad-argument` for one that cannot be. */
export function integerLayout(recipe: string, config: IntegerConfig): IntegerLayout {
  const { bits = 4, group = 32, zeroPoint = false, scale = 'search' } = config;
  checkOption(recipe, 'bits', bits, [3, 4, 8].includes(bits), '3, 4 or 8');
  const groupFits = Number.isSafeInteger(group) && group > 0 && group % 32 === 0;
  checkOption(recipe, 'group', group, groupFits, 'a positive multiple of 32');
  checkOption(recipe, 'zeroPoint', zeroPoint, typeof zeroPoint === 'boolean', 'true or false');
  checkOption(recipe, 'scale', scale, ['extreme', 'search'].includes(scale), "'extreme' or 'search'");
  return { kind: 'integer', bits, group, zeroPoint };
}

/** Refuses what {@link packLike} could not pack, before any work is done. */
export function checkTarget({ tensor }: RecipeInput, layout: IntegerLayout): void {
  if (tensor.layout.kind === 'n:m') checkedLayout({ ...tensor.layout, values: layout });
}

/** Packs codes as sparsely as the weight that they come from. */
export function packLike(
  { layout, shape }: HostTensor,
  parts: IntegerParts,
  integer: IntegerLayout,
): HostTensor {
  if (layout.kind === 'n:m') return packNM(parts, shape, { ...layout, values: integer });
  return packInteger(parts, shape, integer);
}

/** Room for the codes, scales and (where the layout has them) zero points of a matrix. */
export function emptyParts(rows: number, columns: number, layout: IntegerLayout): IntegerParts {
  const groups = rows * Math.ceil(columns / layout.group);
  const parts = { codes: new Uint8Array(rows * columns), scales: new Float32Array(groups) };
  return layout.zeroPoint ? { ...parts, zeroPoints: new Uint8Array(groups) } : parts;
}
