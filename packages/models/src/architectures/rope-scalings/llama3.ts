import { llama3Rope } from '@tilewright/kernels/rope';
import type { RopeScalingType } from './rope-scaling.ts';

export const llama3Scaling: RopeScalingType = {
  rope_type: 'llama3',
  read(fields) {
    const low_freq_factor = fields.positive('low_freq_factor');
    const high_freq_factor = fields.positive('high_freq_factor');
    if (low_freq_factor >= high_freq_factor)
      fields.refuse({ low_freq_factor, high_freq_factor }, 'the low one must be below the high one');
    const scaling = {
      rope_type: 'llama3',
      factor: fields.positive('factor'),
      low_freq_factor,
      high_freq_factor,
      original_max_position_embeddings: fields.size('original_max_position_embeddings'),
    };
    return { ...scaling, frequencies: (angles) => llama3Rope(angles, scaling) };
  },
};
