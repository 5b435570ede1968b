import { check } from '@tilewright/kernels/cache-quantize/check';
import type { OperatorMeaning } from '../meaning.ts';
import { quantizeRows } from './quantize-rows.ts';

/** To the bit: codes are what f32 makes them. */
export const quantizeRowsMeaning: OperatorMeaning = {
  operator: quantizeRows,
  meaning: ({ attributes, value, shape }) => {
    const { bits, channels, capacity } = attributes as Record<'bits' | 'channels' | 'capacity', number>;
    const [, heads, plane] = shape('past') as [number, number, number];
    const [, tokens, width] = shape('update') as [number, number, number];
    const { cache } = check.reference({
      axes: { batch: 1, kv_heads: heads, tokens, size: width / heads, capacity, plane },
      scalars: {},
      uniforms: {},
      options: { bits, group_tokens: 1, group_channels: channels, x_strides: 'bshd' },
      inputs: { x: value('update'), starts: value('before'), cache: value('past') },
      slots: {},
      round: Math.fround,
    });
    return { present: cache! };
  },
};
