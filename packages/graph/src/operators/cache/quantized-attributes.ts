import type { QuantizedCache } from '@tilewright/kernels/cache';

/** What says how integers of a cache lie: `channels` of a head have one scale, 0 for all of them. */
export const quantizedAttributes = {
  bits: { type: 'integer', choices: [8, 4] },
  channels: { type: 'integer', default: 0 },
  capacity: { type: 'integer' },
} as const;

interface Quantized {
  readonly bits: number;
  readonly channels: number;
  readonly capacity: number;
}

/** The layout of one head's rows of `size` channels. */
export const planeOf = ({ bits, channels, capacity }: Quantized, size: number): QuantizedCache => ({
  capacity,
  size,
  bits: bits as 8 | 4,
  ...(channels !== 0 && { groupChannels: channels }),
});
