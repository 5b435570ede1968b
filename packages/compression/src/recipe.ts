import type { WeightCodec } from '@tilewright/kernels/weights';
import type { HostTensor } from '@tilewright/kernels/weights';

/** What calibration learnt of the inputs `X [samples, columns]` of one linear layer. */
export interface GramStatistics {
  /** `XᵀX`, row-major `[columns, columns]`, symmetric. Any positive multiple of it serves as well. */
  readonly gram: Float64Array | Float32Array;
  readonly columns: number;
  readonly samples: number;
}

/** Statistics by the name of the weight whose inputs they describe. */
export type Statistics = ReadonlyMap<string, GramStatistics>;

/** One weight to be compressed. */
export interface RecipeInput {
  /** For messages. */
  readonly name: string;
  /** A weight `[outputs, inputs]`. */
  readonly tensor: HostTensor;
  readonly statistics?: GramStatistics;
  /** Of the formats that the weight and what becomes of it are stored in. */
  readonly codecs: readonly WeightCodec[];
}

/** A way to make a weight smaller: a record of data and one pure function. */
export interface Recipe {
  /** Short and unique, as in reports: `int4-gptq`, `2:4-wanda`. */
  readonly name: string;
  /** What `statistics` must hold. */
  readonly needs: 'none' | 'gram';
  /** The compressed weight; the input is only read. Throws `TilewrightError` for what it cannot take. */
  readonly compress: (input: RecipeInput) => HostTensor;
}

/** `first`, then `second` on what it made: N:M pruning and then integers, for instance. */
export function compose(first: Recipe, second: Recipe): Recipe {
  return {
    name: `${first.name}+${second.name}`,
    needs: first.needs === 'gram' ? 'gram' : second.needs,
    compress: (input) => second.compress({ ...input, tensor: first.compress(input) }),
  };
}
