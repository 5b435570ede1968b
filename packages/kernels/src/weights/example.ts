import type { FormatFamily, WeightCodec } from '../contract/weight-codec.ts';
import type { Quantizer, TensorQuantizer } from '../contract/quantizer.ts';
import type { HostTensor, WeightFormat } from '../contract/weight-format.ts';

/** What tests and benches need to know of a family of formats; nothing that ships imports it. */
export interface WeightExample<Format extends WeightFormat = WeightFormat> {
  readonly family: FormatFamily;
  readonly codec: WeightCodec;
  /** Some of the family, with all that their parameters change met at least once. */
  readonly formats: readonly Format[];
  /** Shapes that all of these can have; default some around their blocks of columns. */
  readonly shapes?: readonly (readonly [rows: number, columns: number])[];
  /** What rounds numbers to formats of the family, each under a name of its own: what `tilewright compress` offers. */
  readonly quantizers: readonly (Quantizer | TensorQuantizer)[];
  /**
   * A tensor of random numbers of about unit size over the square root of the row length. `normal` draws from the standard
   * normal distribution; `examples`: those of the formats that this one is made of.
   */
  tensor(
    format: Format,
    shape: readonly number[],
    normal: () => number,
    examples: readonly WeightExample[],
  ): HostTensor;
  /** Unpacked and packed again: the same bytes, if neither loses anything. */
  repacked(tensor: HostTensor, examples: readonly WeightExample[]): HostTensor;
  /** Numbers `[rows, columns]` by the plainest rounding there is; sparse formats keep the first values they may. */
  rounded(
    format: Format,
    values: Float32Array,
    shape: readonly number[],
    examples: readonly WeightExample[],
  ): HostTensor;
}
