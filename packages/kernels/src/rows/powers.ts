import lowestWgsl from '../numbers/lowest.wgsl';
import powerWgsl from '../numbers/power.wgsl';
import scalarWgsl from './powers.f32.wgsl';
import vectorWgsl from './powers.vec4.wgsl';

/** LOWEST; `powers` of a unit of a row, `power` and `logarithm` of a number; all keep NaN. */
export const powersWgsl = (width: 1 | 4): readonly string[] => [
  lowestWgsl,
  powerWgsl,
  width === 1 ? scalarWgsl : vectorWgsl,
];
