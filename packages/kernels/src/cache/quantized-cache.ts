// Keys or values of a cache as integers: where codes, scales and least values lie. What writes and what reads them goes by this.
import { checkOptions, oneOf, positiveInteger, optional } from '../contract/check-options.ts';
import { TilewrightError } from '../contract/errors.ts';

/**
 * A cache of integers: x ≈ low + scale · code, `code` from 0 to 2^bits - 1, with a scale and a least value for each block of
 * `groupTokens` tokens by `groupChannels` channels. The round trip is off by half a scale at most (and by what f32 rounds),
 * a scale being the range of the block over 2^bits - 1.
 *
 * Keys have channels that are large throughout, so they want blocks of several tokens of one channel, values blocks of one
 * token (Liu et al. 2024, arXiv 2402.02750).
 */
export interface QuantizedCache {
  /** Rows: tokens of a sequence. */
  readonly capacity: number;
  /** Channels of a row. */
  readonly size: number;
  readonly bits: 8 | 4;
  /** Default 1. */
  readonly groupTokens?: number;
  /** A divisor or a multiple of the codes in a word; default all channels. */
  readonly groupChannels?: number;
}

/**
 * One batch row and head of it, in u32 words: `codeWords` of codes, row after row, each row `rowWords`, the first channel in
 * the lowest bits; then for each block, token groups outermost, its scale and its least value as bits of an f32.
 */
export interface QuantizedPlane {
  readonly codesPerWord: number;
  readonly rowWords: number;
  readonly codeWords: number;
  readonly groupTokens: number;
  readonly groupChannels: number;
  /** Blocks beside one another in a group of tokens. */
  readonly channelGroups: number;
  /** All of it: the cache is u32 `[batch, kv_heads, planeWords]`. */
  readonly planeWords: number;
}

/** The layout of a cache. Throws `bad-argument` for blocks that a word of codes would straddle. */
export function quantizedPlane(cache: QuantizedCache): QuantizedPlane {
  checkOptions('quantized cache', cache, {
    capacity: positiveInteger,
    size: positiveInteger,
    bits: oneOf(8, 4),
    groupTokens: optional(positiveInteger),
    groupChannels: optional(positiveInteger),
  });
  const { capacity, size, bits, groupTokens = 1, groupChannels = size } = cache;
  const codesPerWord = 32 / bits;
  const whole =
    groupChannels === size || groupChannels % codesPerWord === 0 || codesPerWord % groupChannels === 0;
  if (!(whole && groupChannels <= size))
    throw new TilewrightError('bad-argument', {
      subject: 'quantized cache',
      problem: `blocks of ${groupTokens} tokens by ${groupChannels} of ${size} channels, ${bits} bits each`,
      requirement: `a block is of 1 token or more, and of all channels, or of a divisor or a multiple of the ${codesPerWord} in a word`,
      fix: 'choose such a block',
    });
  const rowWords = Math.ceil(size / codesPerWord);
  const channelGroups = Math.ceil(size / groupChannels);
  const codeWords = capacity * rowWords;
  return {
    codesPerWord,
    rowWords,
    codeWords,
    groupTokens,
    groupChannels,
    channelGroups,
    planeWords: codeWords + 2 * Math.ceil(capacity / groupTokens) * channelGroups,
  };
}
