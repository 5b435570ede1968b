import { linearRope } from '@tilewright/kernels/rope';
import type { RopeScalingType } from './rope-scaling.ts';

export const linearScaling: RopeScalingType = {
  rope_type: 'linear',
  read(fields) {
    const factor = fields.positive('factor');
    return { rope_type: 'linear', factor, frequencies: (angles) => linearRope(angles, factor) };
  },
};
