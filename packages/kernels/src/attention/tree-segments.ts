import { checkOptions, positiveInteger, listOf, optional, anyValue } from '../contract/check-options.ts';
import { TilewrightError } from '../contract/errors.ts';

export interface TreeSegmentsOptions {
  readonly tokens: number;
  /** Tokens of a segment at each level, the coarsest first; each divides the one before. */
  readonly sizes: readonly number[];
  /** For each level but the last, the segments (tokens i · size up to (i + 1) · size) that are cut into those of the next level. */
  readonly refined?: readonly (readonly number[])[];
  /** Tokens that stay on their own, and belong to no other segment. */
  readonly exact?: readonly number[];
}

export interface TreeSegments {
  /** `[tokens]`: the segment of each token, for `segment-sum`. */
  readonly assignment: Uint32Array<ArrayBuffer>;
  /** How many segments there are: first those of `exact`, in its order, then the others along the sequence. */
  readonly segments: number;
}

/**
 * Cuts a sequence into segments of several sizes, fine ones where it matters: the compression of Vcc (Zeng et al. 2023, arXiv
 * 2305.04241). Means of segments (`segment-sum`), attended with `keyCounts`, stand for the tokens; what comes out is handed
 * back to a segment's tokens by `assignment`. With all segments refined down to size 1 nothing is lost.
 * `compressedAttention` of `@tilewright/models/attention/compressed` does all of it.
 *
 * @throws `bad-argument` for no tokens, for sizes that do not divide, for a segment that is refined and not there, and for an exact token that
 *   is not there or comes twice.
 */
export function treeSegments(options: TreeSegmentsOptions): TreeSegments {
  checkOptions('treeSegments', options, {
    tokens: positiveInteger,
    sizes: listOf(positiveInteger),
    refined: optional(anyValue),
    exact: optional(anyValue),
  });
  const { tokens, sizes, refined = [], exact = [] } = options;
  const fail = (problem: string, requirement: string, fix: string): never => {
    throw new TilewrightError('bad-argument', { subject: 'treeSegments', problem, requirement, fix });
  };
  if (sizes.length === 0)
    fail('sizes is []', 'a sequence is cut by at least one size', 'give the size of a segment');
  sizes.forEach((size, level) => {
    if (Number.isSafeInteger(size) && size >= 1 && (level === 0 || sizes[level - 1]! % size === 0)) return;
    fail(
      `sizes are ${sizes.join(', ')}`,
      'each is a number of tokens that divides the one before',
      'correct them',
    );
  });
  if (refined.length >= Math.max(sizes.length, 1))
    fail(
      `${refined.length} levels are refined of ${sizes.length}`,
      'a level is cut into the next one, so the last one is not',
      'give another size, or fewer lists',
    );
  // The size of the segment that each token is in, as far as it is refined.
  const sizeOf = new Uint32Array(tokens).fill(sizes[0]!);
  refined.forEach((list, level) => {
    const size = sizes[level]!;
    for (const segment of list) {
      const from = segment * size;
      if (!(Number.isSafeInteger(segment) && segment >= 0 && from < tokens && sizeOf[from] === size))
        fail(
          `segment ${segment} of ${size} tokens is refined`,
          `of ${tokens} tokens those are refined that were cut from a refined one, each once`,
          'leave it out, or refine what it is part of',
        );
      sizeOf.fill(sizes[level + 1]!, from, from + size);
    }
  });
  const none = 0xffff_ffff;
  const assignment = new Uint32Array(tokens).fill(none);
  exact.forEach((token, place) => {
    if (assignment[token] !== none)
      fail(
        `exact token ${token} ${token in assignment ? 'comes twice' : `is none of ${tokens}`}`,
        'exact tokens are some of the sequence, each once',
        'leave it out',
      );
    assignment[token] = place;
  });
  let segments = exact.length;
  let begins = -1;
  assignment.forEach((own, token) => {
    if (own !== none) return;
    const begin = Math.floor(token / sizeOf[token]!) * sizeOf[token]!;
    if (begin !== begins) segments++;
    begins = begin;
    assignment[token] = segments - 1;
  });
  return { assignment, segments };
}
