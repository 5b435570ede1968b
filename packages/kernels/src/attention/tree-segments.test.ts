// Segments of several sizes; what attention makes of them is tested where it is.
import { describe, expect, test } from 'vitest';
import { treeSegments, type TreeSegmentsOptions } from './tree-segments.ts';

describe('segments of a tree', () => {
  test('exact tokens come first, the others in segments as fine as they are refined', () => {
    expect(treeSegments({ tokens: 10, sizes: [4] })).toEqual({
      assignment: Uint32Array.of(0, 0, 0, 0, 1, 1, 1, 1, 2, 2),
      segments: 3,
    });
    expect(treeSegments({ tokens: 10, sizes: [4, 2, 1], refined: [[1], [2]], exact: [9, 1] })).toEqual({
      assignment: Uint32Array.of(2, 1, 2, 2, 3, 4, 5, 5, 6, 0),
      segments: 7,
    });
    // A segment all of whose tokens are exact is none.
    expect(treeSegments({ tokens: 4, sizes: [2], exact: [2, 3] })).toEqual({
      assignment: Uint32Array.of(2, 2, 0, 1),
      segments: 3,
    });
  });

  test.each<[TreeSegmentsOptions, string]>([
    [
      { tokens: 2.5, sizes: [4] },
      'tokens is 2.5; it must be a positive integer. Fix: give a positive integer.',
    ],
    [
      { tokens: 8, sizes: [] },
      'sizes is []; a sequence is cut by at least one size. Fix: give the size of a segment.',
    ],
    [
      { tokens: 8, sizes: [4, 3] },
      'sizes are 4, 3; each is a number of tokens that divides the one before. Fix: correct them.',
    ],
    [
      { tokens: 8, sizes: [4], refined: [[0]] },
      '1 levels are refined of 1; a level is cut into the next one, so the last one is not. ' +
        'Fix: give another size, or fewer lists.',
    ],
    [
      { tokens: 8, sizes: [4, 2, 1], refined: [[0], [2]] },
      'segment 2 of 2 tokens is refined; of 8 tokens those are refined that were cut from a refined one, each once. ' +
        'Fix: leave it out, or refine what it is part of.',
    ],
    [
      { tokens: 8, sizes: [4], exact: [8] },
      'exact token 8 is none of 8; exact tokens are some of the sequence, each once. Fix: leave it out.',
    ],
    [
      { tokens: 8, sizes: [4], exact: [3, 3] },
      'exact token 3 comes twice; exact tokens are some of the sequence, each once. Fix: leave it out.',
    ],
  ])('%j is refused', (options, message) => {
    expect(() => treeSegments(options)).toThrow(`[treeSegments] ${message}`);
  });
});
