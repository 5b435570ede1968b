import { yarnRope } from '@tilewright/kernels/rope';
import type { ConfigFields } from '../config-fields.ts';
import type { RopeScalingType } from './rope-scaling.ts';

/** `rope_type: "yarn"`. */
export const yarnScaling: RopeScalingType = {
  rope_type: 'yarn',
  read(fields, maxPositions) {
    const scaling = {
      rope_type: 'yarn',
      factor: fields.positive('factor'),
      original_max_position_embeddings: fields.size('original_max_position_embeddings', maxPositions),
      beta_fast: fields.positive('beta_fast', 32),
      beta_slow: fields.positive('beta_slow', 1),
      truncate: fields.boolean('truncate', true),
      attention_factor:
        fields.get('attention_factor') === undefined ? null : fields.positive('attention_factor'),
      mscale: scaleOf(fields, 'mscale'),
      mscale_all_dim: scaleOf(fields, 'mscale_all_dim'),
    };
    return { ...scaling, frequencies: (angles) => yarnRope(angles, scaling) };
  },
};

/** 0 is as good as absent. */
const scaleOf = (fields: ConfigFields, name: string): number =>
  (fields.get(name) ?? 0) === 0 ? 0 : fields.positive(name);
