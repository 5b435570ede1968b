// Tensors in each order of their axes give what the formula gives, and so do those of which nothing is said.
import type { Kernel, ProblemInput } from '@tilewright/kernels';
import { normalNumbers } from '@tilewright/kernels';
import { runKernel, type Tensor } from '@tilewright/runtime';
import { expectWithin } from '@tilewright/tooling/expect-within';
import { plainAttention, type Rows } from '@tilewright/tooling/plain-attention';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeAttention } from './decode-attention/index.ts';
import { allKeys } from './fillings/index.ts';
import { flashAttention } from './flash-attention/index.ts';
import { gatherAttention } from './gather-attention/index.ts';
import { prefixAttention } from './prefix-attention/index.ts';
import { shortAttention } from './short-attention/index.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened?.dispose());

type Sizes = Readonly<Record<'b' | 's' | 'h' | 'd', number>>;
type Numbers = ArrayLike<number>;
const expectClose = expectWithin(2e-6);
const channels = 4;

/** The index of an element of `[b, s, h, d]`, and of the same in another order. */
function placesIn(order: string, sizes: Sizes): { readonly shape: number[]; readonly at: Int32Array } {
  const letters = [...order] as (keyof Sizes)[];
  const count = sizes.b * sizes.s * sizes.h * sizes.d;
  const at = Int32Array.from({ length: count }, (_, i) => {
    const d = i % sizes.d;
    const h = Math.floor(i / sizes.d) % sizes.h;
    const s = Math.floor(i / sizes.d / sizes.h) % sizes.s;
    const b = Math.floor(i / sizes.d / sizes.h / sizes.s);
    const index = { b, s, h, d };
    return letters.reduce((place, letter) => place * sizes[letter] + index[letter], 0);
  });
  return { shape: letters.map((letter) => sizes[letter]), at };
}

function placed(values: Numbers, order: string, sizes: Sizes): Tensor {
  const { shape, at } = placesIn(order, sizes);
  const data = new Float32Array(values.length);
  at.forEach((place, i) => (data[place] = values[i]!));
  return opened.device.tensor(shape, data);
}

/** Rows of one head of one batch row of `[b, s, h, d]`. */
const rowsOf = (values: Numbers, { s, h, d }: Sizes, batch: number, head: number): Rows =>
  Array.from({ length: s }, (_, token) =>
    Array.from({ length: d }, (_unused, c) => values[((batch * s + token) * h + head) * d + c]!),
  );

type Orders = Readonly<Partial<Record<'q' | 'k' | 'v' | 'y', string>>>;
interface Shape {
  readonly batch: number;
  readonly queries: number;
  readonly keys: number;
  readonly heads: number;
  readonly kvHeads: number;
}

/** Runs a kernel on tensors in these orders, `bshd` where none is named, and compares with the formula. */
async function expectFormula(
  kernel: Kernel,
  { batch, queries, keys, heads, kvHeads }: Shape,
  orders: Orders,
  more: Partial<ProblemInput> = {},
): Promise<void> {
  const prefix = kernel === prefixAttention;
  const own: Sizes = { b: batch, s: prefix ? keys : queries, h: heads, d: channels };
  const shared: Sizes = { b: batch, s: keys, h: kvHeads, d: channels };
  const q = normalNumbers(prefix ? heads * channels : batch * queries * heads * channels, 1);
  const [k, v] = [2, 3].map((seed) => normalNumbers(batch * keys * kvHeads * channels, seed));
  const options = Object.fromEntries(
    Object.entries(orders)
      .filter(([name]) => !prefix || name !== 'q')
      .map(([name, order]) => [`${name}_strides`, order]),
  );
  const { y } = await runKernel(opened.device, kernel, {
    ...more,
    options: { ...options, ...more.options },
    inputs: {
      q: prefix ? opened.device.tensor([heads, channels], q) : placed(q, orders.q ?? 'bshd', own),
      k: placed(k!, orders.k ?? 'bshd', shared),
      v: placed(v!, orders.v ?? 'bshd', shared),
    },
  });
  const { shape, at } = placesIn(orders.y ?? 'bshd', own);
  expect(y!.shape).toEqual(shape);
  const got = await y!.read();
  for (let b = 0; b < batch; b++)
    for (let head = 0; head < heads; head++) {
      const kvHead = Math.floor((head * kvHeads) / heads);
      const queryRows = prefix
        ? Array.from({ length: keys }, () => [...q.subarray(head * channels, (head + 1) * channels)])
        : rowsOf(q, own, b, head);
      const [keyRows, valueRows] = [rowsOf(k!, shared, b, kvHead), rowsOf(v!, shared, b, kvHead)];
      const want = plainAttention(queryRows, keyRows, valueRows, (query, key) => !prefix || key <= query);
      const turned = Array.from(at, (place) => got[place]!);
      expectClose(rowsOf(turned, own, b, head).flat(), want.flat());
    }
}

const shape: Shape = { batch: 2, queries: 3, keys: 5, heads: 4, kvHeads: 2 };
const all = (order: string): Orders => ({ q: order, k: order, v: order, y: order });
const orders: readonly (readonly [string, Orders])[] = [
  ['nothing said', {}],
  ['head by head', all('bhsd')],
  ['caches only', { k: 'bhsd', v: 'bhsd' }],
  ['each its own', { q: 'sbhd', k: 'hbsd', v: 'sbhd', y: 'hbsd' }],
];

// The null adapter runs nothing.
describe.skipIf(testProfile.compileOnly)(`orders of tensors (${testProfile.name})`, () => {
  describe.each([flashAttention, decodeAttention, shortAttention, prefixAttention])('$name', (kernel) => {
    test.each(orders)('%s', (_, named) => expectFormula(kernel, shape, named));
  });

  describe('gather-attention', () => {
    test.each(orders)('%s', (_, named) =>
      expectFormula(gatherAttention, shape, named, {
        axes: { selected: shape.keys },
        slots: { select: allKeys },
      }),
    );
  });

  test.each([1, 4])('all in one order, where shapes do not tell: %i tokens of 4 heads', (tokens) =>
    expectFormula(flashAttention, { batch: 1, queries: tokens, keys: tokens, heads: 4, kvHeads: 4 }, {}),
  );
});
