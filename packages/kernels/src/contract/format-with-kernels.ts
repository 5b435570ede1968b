import type { WeightFormat } from './weight-format.ts';
import type { Kernel } from './contract.ts';

/** A format that brings the kernels which multiply by it: of those without a reader nobody else's can. */
export interface FormatWithKernels extends WeightFormat {
  readonly kernels: readonly Kernel[];
}

/** The kernels that a format brings. */
export const kernelsOf = (format: WeightFormat): readonly Kernel[] =>
  'kernels' in format ? (format as FormatWithKernels).kernels : [];
