import { e4m3ToF32, e5m2ToF32 } from '../../numbers/float8.ts';
import type { Float8 } from './format.ts';

/** What the 256 codes stand for. */
export const float8Numbers = (float: Float8): readonly number[] =>
  Array.from({ length: 256 }, (_, code) => (float === 'e4m3' ? e4m3ToF32 : e5m2ToF32)(code));
