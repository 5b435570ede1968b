import {
  checkOptions,
  positiveInteger,
  trueOrFalse,
  nonNegativeInteger,
  optional,
} from '../../contract/check-options.ts';

export interface T5Buckets {
  /** Keys behind and ahead have buckets of their own (encoders). Default true; decoders have false. */
  readonly bidirectional?: boolean;
  /** Default 32. */
  readonly buckets?: number;
  /** Distance from which on everything falls into the last bucket; default 128. */
  readonly maxDistance?: number;
}

const bucketKinds = {
  bidirectional: optional(trueOrFalse),
  buckets: optional(positiveInteger),
  maxDistance: optional(positiveInteger),
};

/**
 * The bucket of a distance `key - position`: half of them hold one distance each, the others ranges that grow with the
 * logarithm (Raffel et al. 2020, arXiv 1910.10683).
 */
export function t5Bucket(distance: number, options: T5Buckets = {}): number {
  checkOptions('t5Bucket', options, bucketKinds);
  const { bidirectional = true, buckets = 32, maxDistance = 128 } = options;
  const count = bidirectional ? buckets / 2 : buckets;
  const first = bidirectional && distance > 0 ? count : 0;
  const far = bidirectional ? Math.abs(distance) : Math.max(-distance, 0);
  const exact = Math.floor(count / 2);
  if (far < exact) return first + far;
  const growth = Math.log(far / exact) / Math.log(maxDistance / exact);
  return first + Math.min(count - 1, exact + Math.floor(growth * (count - exact)));
}

/**
 * The table of `relativeBias(reach)`, f32 `[heads, 2 · reach + 1]`, from T5's embedding `[buckets, heads]`. A reach of
 * `maxDistance` is exact for any length.
 */
export function t5BiasTable(
  embedding: ArrayLike<number>,
  options: T5Buckets & { readonly heads: number; readonly reach: number },
): Float32Array<ArrayBuffer> {
  checkOptions('t5BiasTable', options, { heads: positiveInteger, reach: nonNegativeInteger, ...bucketKinds });
  const { heads, reach, ...buckets } = options;
  const entries = 2 * reach + 1;
  return Float32Array.from(
    { length: heads * entries },
    (_, i) => embedding[t5Bucket((i % entries) - reach, buckets) * heads + Math.floor(i / entries)]!,
  );
}
