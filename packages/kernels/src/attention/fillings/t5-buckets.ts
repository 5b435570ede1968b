import {
  checkOptions,
  demand,
  finiteNumber,
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
  checkOptions('t5Bucket', { distance }, { distance: finiteNumber });
  const { bidirectional = true, buckets = 32, maxDistance = 128 } = options;
  const count = bidirectional ? buckets / 2 : buckets;
  const first = bidirectional && distance > 0 ? count : 0;
  const far = bidirectional ? Math.abs(distance) : Math.max(-distance, 0);
  const exact = Math.floor(count / 2);
  demand(
    't5Bucket',
    'buckets',
    buckets,
    exact >= 1 && Number.isInteger(count),
    bidirectional ? 'it must be even and 4 or more, half of it for each side' : 'it must be 2 or more',
    'give the number of rows of the embedding',
  );
  demand(
    't5Bucket',
    'maxDistance',
    maxDistance,
    maxDistance > exact,
    `it must be above ${exact}, up to which each distance has a bucket`,
    'give that of the model, relative_attention_max_distance',
  );
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
  const wanted = (buckets.buckets ?? 32) * heads;
  demand(
    't5BiasTable',
    'the number of values in the embedding',
    embedding?.length,
    embedding?.length === wanted,
    `[buckets, heads] has ${wanted}`,
    'give buckets and heads as they are in the model',
  );
  const entries = 2 * reach + 1;
  return Float32Array.from(
    { length: heads * entries },
    (_, i) => embedding[t5Bucket((i % entries) - reach, buckets) * heads + Math.floor(i / entries)]!,
  );
}
