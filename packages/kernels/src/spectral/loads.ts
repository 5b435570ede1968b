// What transforms cost beside sums: loads, of memory and of a workgroup's memory, which is what their invocations wait for.
import type { Fourier } from './fourier.ts';

/** Loads of one line's transform: each pass reads the elements and writes them, each stage of it reads them and as many roots. */
export const lineLoads = ({ size, parts }: Pick<Fourier, 'size' | 'parts'>): number =>
  size * parts.reduce((sum, { radices }) => sum + 2 + 2 * radices.length, 0);
