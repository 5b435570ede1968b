// Shapes are read in the orders that options name: what does not fit, or fits two of them, is refused with both.
import { isTilewrightError, type Kernel, type ProblemInput } from '@tilewright/kernels';
import { decodeAttention } from '@tilewright/kernels/decode-attention';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { prefixAttention } from '@tilewright/kernels/prefix-attention';
import { rope } from '@tilewright/kernels/rope';
import { segmentSum } from '@tilewright/kernels/segment-sum';
import { valueMeans } from '@tilewright/kernels/value-means';
import { openTestDevice, type TestDevice } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kernelProblem } from './kernel-problem.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened.dispose());

type Shapes = Readonly<Record<string, readonly number[]>>;
type More = Partial<ProblemInput> & { readonly outputs?: Shapes };

/** The axes that a kernel reads from shapes, or what it says of them. */
function axesOf(kernel: Kernel, shapes: Shapes, { outputs = {}, ...more }: More = {}): unknown {
  const tensors = (all: Shapes) =>
    Object.fromEntries(
      Object.entries(all).map(([name, shape]) => {
        const integers = ['assignment', 'positions', 'q_starts', 'k_starts'].includes(name);
        return [name, opened.device.tensor([...shape], undefined, integers ? 'u32' : 'f32')];
      }),
    );
  try {
    return kernelProblem(kernel, { ...more, inputs: tensors(shapes), outputs: tensors(outputs) }).axes;
  } catch (error) {
    if (!isTilewrightError(error)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

const headMajor = { k_strides: 'bhsd', v_strides: 'bhsd' };
const bothDivide = (other: string, size: number, parts: number, name: string): string =>
  `'${other}', which is ${size}, divides 'heads' too, so that the shape does not tell which is which. ` +
  `Fix: give axes.kv_heads ${parts} if that is right, or name the order of '${name}' in ${name}_strides.`;

test("keys and values in the queries' order are what is read without a word", () => {
  for (const tokens of [1, 4, 8, 5]) {
    const shape = [1, tokens, 8, 4];
    expect(axesOf(decodeAttention, { q: shape, k: shape, v: shape })).toMatchObject({
      queries: tokens,
      keys: tokens,
      heads: 8,
      kv_heads: 8,
    });
  }
});

test.each([flashAttention, decodeAttention])(
  "keys in the queries' order that are said to be head by head ($name)",
  (kernel) => {
    const read = (tokens: number): unknown => {
      const shape = [1, tokens, 8, 4];
      return axesOf(kernel, { q: shape, k: shape, v: shape }, { options: headMajor });
    };
    const reads = "which k_strides 'bhsd' reads as [batch, kv_heads, keys, head_size]";
    expect(read(1)).toBe(
      `bad-shape: [${kernel.name}] axis 'kv_heads' is 1 in 'k' [1, 1, 8, 4], ${reads}; ${bothDivide('keys', 8, 1, 'k')}`,
    );
    expect(read(4)).toBe(
      `bad-shape: [${kernel.name}] axis 'kv_heads' is 4 in 'k' [1, 4, 8, 4], ${reads}; ${bothDivide('keys', 8, 4, 'k')}`,
    );
    expect(read(5)).toBe(
      `bad-shape: [${kernel.name}] axis 'kv_heads' is 5 in 'k' [1, 5, 8, 4], ${reads}; it must divide 'heads', which is 8. ` +
        "Fix: give 'k' such a shape, or name the order of 'k' in k_strides.",
    );
  },
);

test('a cache, head by head, of which nothing is said', () => {
  const read = (cache: readonly number[], axes = {}): unknown =>
    axesOf(decodeAttention, { q: [1, 1, 8, 4], k: cache, v: cache }, { axes });
  const reads = "which k_strides 'bshd' reads as [batch, keys, kv_heads, head_size]";
  expect(read([1, 8, 1, 4])).toBe(
    `bad-shape: [decode-attention] axis 'kv_heads' is 1 in 'k' [1, 8, 1, 4], ${reads}; ${bothDivide('keys', 8, 1, 'k')}`,
  );
  expect(read([1, 2, 100, 4])).toBe(
    `bad-shape: [decode-attention] axis 'kv_heads' is 100 in 'k' [1, 2, 100, 4], ${reads}; it must divide 'heads', which is 8. ` +
      "Fix: give 'k' such a shape, or name the order of 'k' in k_strides.",
  );
  // One key head that eight query heads share, and eight keys: only the caller can say so.
  expect(read([1, 8, 1, 4], { kv_heads: 1 })).toMatchObject({ kv_heads: 1, keys: 8 });
  expect(read([1, 8, 1, 4], { kv_heads: 8 })).toBe(
    `bad-shape: [decode-attention] axis 'kv_heads' is 1 in 'k' [1, 8, 1, 4], ${reads}; elsewhere it is 8. ` +
      "Fix: make the 'kv_heads' of all tensors equal, or name the order of 'k' in k_strides.",
  );
});

test('orders of keys and values that differ from their shapes', () => {
  const [q, byHead, byToken] = [
    [1, 3, 4, 8],
    [1, 2, 5, 8],
    [1, 5, 2, 8],
  ];
  const read = (k: readonly number[], v: readonly number[], options = {}): unknown =>
    axesOf(flashAttention, { q: q!, k, v }, { options });
  const right = { queries: 3, keys: 5, heads: 4, kv_heads: 2, head_size: 8, value_size: 8 };
  expect(read(byToken!, byToken!)).toMatchObject(right);
  expect(read(byHead!, byHead!, headMajor)).toMatchObject(right);
  expect(read([5, 1, 2, 8], [2, 1, 5, 8], { k_strides: 'sbhd', v_strides: 'hbsd' })).toMatchObject(right);
  expect(read([5, 2, 8], byToken!, { k_strides: 'shd' })).toMatchObject(right);
  expect(read(byHead!, byToken!, { k_strides: 'bhsd', v_strides: 'bhsd' })).toBe(
    "bad-shape: [flash-attention] axis 'kv_heads' is 5 in 'v' [1, 5, 2, 8], which v_strides 'bhsd' reads as [batch, kv_heads, " +
      "keys, value_size]; that of 'k' [1, 2, 5, 8], which k_strides 'bhsd' reads as [batch, kv_heads, keys, head_size], is 2. Fix: make the 'kv_heads' of all tensors equal, or name the order of 'v' in v_strides.",
  );
  expect(read(byToken!, byToken!, { k_strides: 'shd' })).toBe(
    "bad-shape: [flash-attention] 'k' has shape [1, 5, 2, 8], which k_strides 'shd' reads as [keys, kv_heads, head_size]; it must be " +
      "[keys, kv_heads, head_size]. Fix: give 'k' 3 dimensions.",
  );
});

test('outputs in an order of their own, packed rows, kernels that share the orders', () => {
  const shape = [2, 3, 4, 8];
  expect(
    axesOf(
      flashAttention,
      { q: shape, k: shape, v: shape },
      {
        options: { y_strides: 'bhsd' },
        outputs: { y: shape },
      },
    ),
  ).toBe(
    "bad-shape: [flash-attention] axis 'heads' is 3 in 'y' [2, 3, 4, 8], which y_strides 'bhsd' reads as [batch, heads, queries, " +
      "value_size]; that of 'q' [2, 3, 4, 8], which q_strides 'bshd' reads as [batch, queries, heads, head_size], is 4. Fix: make the 'heads' of all tensors equal, or name the order of 'y' in y_strides.",
  );
  expect(
    axesOf(prefixAttention, { q: [8, 4], k: [1, 1, 8, 4], v: [1, 1, 8, 4] }, { options: headMajor }),
  ).toBe(
    "bad-shape: [prefix-attention] axis 'kv_heads' is 1 in 'k' [1, 1, 8, 4], which k_strides 'bhsd' reads as [batch, kv_heads, " +
      `keys, head_size]; ${bothDivide('keys', 8, 1, 'k')}`,
  );
  expect(axesOf(valueMeans, { v: [1, 8, 1, 4] }, { axes: { queries: 8, heads: 8 } })).toBe(
    "bad-shape: [value-means] axis 'kv_heads' is 1 in 'v' [1, 8, 1, 4], which v_strides 'bshd' reads as [batch, keys, kv_heads, " +
      `value_size]; ${bothDivide('keys', 8, 1, 'v')}`,
  );
  expect(axesOf(segmentSum, { x: [1, 2, 7, 4], assignment: [1, 1, 7] }, { axes: { segments: 3 } })).toBe(
    "bad-shape: [segment-sum] axis 'tokens' is 7 in 'assignment' [1, 1, 7]; that of 'x' [1, 2, 7, 4], which x_strides 'bshd' reads " +
      'as [batch, tokens, heads, channels], is 2. ' +
      "Fix: make the 'tokens' of all tensors equal.",
  );
  expect(
    axesOf(
      rope,
      { x: [1, 2, 7, 4], cos_sin: [9, 2, 2], positions: [1, 2] },
      {
        options: { x_strides: 'bhsd' },
      },
    ),
  ).toBe(
    "bad-shape: [rope] axis 'tokens' is 2 in 'positions' [1, 2]; that of 'x' [1, 2, 7, 4], which x_strides 'bhsd' reads as " +
      '[batch, heads, tokens, head_size], is 7. ' +
      "Fix: make the 'tokens' of all tensors equal.",
  );
});

test('packed tokens of one row are ambiguous as padded ones are', () => {
  const packed = (k: readonly number[], options = {}): unknown =>
    axesOf(
      flashAttention,
      { q: [3, 8, 4], k, v: k, q_starts: [2], k_starts: [2] },
      {
        axes: { batch: 1, queries: 3, keys: 4 },
        options: { packed: true, ...options },
      },
    );
  expect(packed([4, 8, 4])).toMatchObject({ key_tokens: 4, kv_heads: 8 });
  expect(packed([4, 8, 4], headMajor)).toBe(
    "bad-shape: [flash-attention] axis 'kv_heads' is 4 in 'k' [4, 8, 4], which k_strides 'bhsd' reads as [kv_heads, key_tokens, " +
      `head_size]; ${bothDivide('key_tokens', 8, 4, 'k')}`,
  );
});
