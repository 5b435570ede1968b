import { dynamicRope } from '@tilewright/kernels/rope';
import type { RopeScalingType } from './rope-scaling.ts';

/** `rope_type: "dynamic"`, taken at the number of positions that the cache has room for. */
export const dynamicScaling: RopeScalingType = {
  rope_type: 'dynamic',
  read(fields, maxPositions) {
    const original = fields.size('original_max_position_embeddings', maxPositions);
    if (original !== maxPositions)
      fields.refuse(
        { rope_type: 'dynamic', original_max_position_embeddings: original },
        `it grows beyond max_position_embeddings, ${maxPositions}, and nothing else`,
        'remove original_max_position_embeddings',
      );
    const factor = fields.positive('factor');
    return { rope_type: 'dynamic', factor, frequencies: (angles) => dynamicRope(angles, factor) };
  },
};
