import { expect, test } from 'vitest';
import { memoryOrder, rowAddress, rowAddressWgsl } from './memory-order.ts';

const sizes = { b: 6, s: 12, h: 4, d: 8 };
const addressOf = (pattern: string): ReturnType<typeof rowAddress> =>
  rowAddress(memoryOrder('flash-attention', 'q_strides', pattern, false), sizes);

test('plain orders are row-major products of what lies inside', () => {
  expect(addressOf('bshd')(5, 3, 7)).toBe(((5 * 12 + 7) * 4 + 3) * 8);
  expect(addressOf('bhsd')(5, 3, 7)).toBe(((5 * 4 + 3) * 12 + 7) * 8);
  expect(addressOf('sbhd')(5, 3, 7)).toBe(((7 * 6 + 5) * 4 + 3) * 8);
});

test('columns, windows, slices and shared heads', () => {
  // 2 images of 12 rows and 3 columns, attended along columns: batch row 5 is image 1, column 2.
  expect(addressOf('b s b:3 h d')(5, 1, 7)).toBe((((1 * 12 + 7) * 3 + 2) * 4 + 1) * 8);
  // Windows of 4 x 3 in 2 x 3 of them: batch row 5 is window (1, 2), place 7 is (2, 1) within it.
  expect(addressOf('b b:2 s b:3 s:3 h d')(5, 1, 7)).toBe((((1 * 4 + 2) * 3 + 2) * 3 + 1) * 32 + 8);
  expect(addressOf('b s 1/3 h d')(5, 3, 7)).toBe((((5 * 12 + 7) * 3 + 1) * 4 + 3) * 8);
  expect(addressOf('b s d')(5, 3, 7)).toBe((5 * 12 + 7) * 8);
});

test('the WGSL computes the same addresses', () => {
  const terms = { b: '6', s: '12', h: '4', d: 8 };
  for (const pattern of [
    'bshd',
    'bhsd',
    'b s b:3 h d',
    'b b:2 s b:3 s:3 h d',
    'b s 1/3 h d',
    's b d',
    'b h s h:2 d',
  ]) {
    const order = memoryOrder('flash-attention', 'q_strides', pattern, false);
    const wgsl = rowAddressWgsl('at', order, terms);
    const expression = /return (.*); }/
      .exec(wgsl)![1]!
      .replace(/(\d)u/g, '$1')
      .replace(/([\w)]+|\([^()]*\)) \/ (\d+)/g, 'Math.floor($1 / $2)');
    // oxlint-disable-next-line typescript/no-implied-eval -- WGSL of our own, evaluated as JavaScript
    const evaluated = new Function('batch', 'head', 'index', `return ${expression};`) as ReturnType<
      typeof rowAddress
    >;
    for (const [batch, head, index] of [
      [0, 0, 0],
      [5, 3, 7],
      [4, 1, 11],
      [1, 2, 3],
    ] as const)
      expect(evaluated(batch, head, index), `${pattern}: ${wgsl}`).toBe(
        rowAddress(order, sizes)(batch, head, index),
      );
  }
});

test.each([
  ['bsh', 'the channels are not last'],
  ['b s x d', "'x' is no digit"],
  ['b s s d', 'a second s needs a count'],
  ['b:2 s d', 'the outermost b takes what is left, so it has no count'],
  ['b s 3/3 h d', 'there is no slice 3/3'],
  ['b h d', 'there is no s'],
])('%s is refused', (pattern, problem) => {
  expect(() => memoryOrder('flash-attention', 'k_strides', pattern, false)).toThrow(
    `[flash-attention] option 'k_strides' is '${pattern}': ${problem}; it lists b, s, h (split ones as 'b b:8', slices as ` +
      `'1/3') from outermost to innermost, d last. Fix: write 'bshd', 'bhsd', or digits separated by spaces.`,
  );
});

test('an output needs a place for every row', () => {
  expect(() => memoryOrder('flash-attention', 'y_strides', 'b s d', true)).toThrow(
    "option 'y_strides' is 'b s d': there is no h",
  );
});

test.each([
  ['b h s s:4 d', '10 s'],
  ['b s h h:3 d', '2 h'],
  ['b h s+1/10 d', '10 s'],
  ['b h s s:5+2/6 d', '10 s'],
])('%s has no place for all', (pattern, what) => {
  const read = () => memoryOrder('flash-attention', 'k_strides', pattern, false, { b: 1, s: 10, h: 2 });
  expect(read).toThrow(`option 'k_strides' is '${pattern}': ${what} do not fit; it lists b, s, h`);
});

test('digits that divide fit, and so does an axis cut short where memory has places of its own', () => {
  const sizes = { b: 3, s: 110, h: 2 };
  for (const pattern of ['b s h d', 'b s s:5 1/3 h d', 'h s+0/7 (s:32) d', '(b) h s+2/112 d'])
    expect(memoryOrder('flash-attention', 'q_strides', pattern, false, sizes).pattern).toBe(pattern);
});
