// Attention with biases by distance as a node of a graph, by sums and by transforms, on the device under test against sums in f64. Published vectors
// are run by `npm run conformance`.
import { baselineCapabilities } from '@tilewright/kernels';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphBuilder } from '../../builder.ts';
import { compile } from '../../compile.ts';
import type { Attribute } from '../../ir.ts';
import { type NodeCase, runNode } from '../../oracle/run-node.ts';
import { meanings } from '../../registry.ts';
import { toeplitzAttention } from './toeplitz-attention.ts';

interface Sizes {
  readonly batch: number | string;
  readonly tokens: number;
  readonly keys: number;
  readonly heads: number;
  readonly keyHeads: number;
  readonly size: number;
  readonly valueSize: number;
  readonly biasHeads: number;
  readonly span: number;
}

const inputsOf = (sizes: Sizes): NodeCase['inputs'] => ({
  Q: [sizes.batch, sizes.tokens, sizes.heads * sizes.size],
  K: [sizes.batch, sizes.keys, sizes.keyHeads * sizes.size],
  V: [sizes.batch, sizes.keys, sizes.keyHeads * sizes.valueSize],
  bias: [sizes.biasHeads, sizes.span],
});

const long = {
  batch: 'n',
  tokens: 90,
  keys: 77,
  heads: 4,
  keyHeads: 2,
  size: 5,
  valueSize: 6,
  biasHeads: 4,
  span: 201,
};
const square = {
  batch: 1,
  tokens: 150,
  keys: 150,
  heads: 2,
  keyHeads: 2,
  size: 8,
  valueSize: 7,
  biasHeads: 1,
  span: 299,
};

const cases: readonly {
  readonly sizes: Sizes;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly calls: number;
  readonly dtype?: 'f16';
}[] = [
  { sizes: { ...long, tokens: 60, keys: 60 }, attributes: { feature_map: 'elu1' }, calls: 1 },
  { sizes: long, attributes: { feature_map: 'elu1' }, calls: 3 },
  { sizes: square, attributes: { feature_map: 'relu', causal: 1, epsilon: 0.01 }, calls: 1 },
  { sizes: square, attributes: { feature_map: 'relu', causal: 1, normalize: 0 }, calls: 3 },
  { sizes: square, attributes: { feature_map: 'exp', causal: 1, scale: 0.25 }, calls: 3 },
  { sizes: square, attributes: { feature_map: 'softmax' }, calls: 5 },
  { sizes: square, attributes: { feature_map: 'identity', normalize: 0, scale: 0.1, causal: 1 }, calls: 3 },
  { sizes: square, attributes: { feature_map: 'elu1', causal: 1 }, dtype: 'f16', calls: 4 },
  {
    sizes: { ...square, tokens: 1200, keys: 1200, size: 2, span: 2399 },
    attributes: { feature_map: 'elu1' },
    calls: 3,
  },
];

describe.skipIf(testProfile.compileOnly)('attention with biases by distance', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());
  test.each(cases)('of $sizes, $attributes, $dtype', async ({ sizes, attributes, calls, dtype }) => {
    const { results, calls: made } = await runNode(opened.device, meanings, {
      operator: toeplitzAttention,
      inputs: inputsOf(sizes),
      attributes: { q_num_heads: sizes.heads, kv_num_heads: sizes.keyHeads, ...attributes },
      ...(dtype && { dtype }),
      draw: (normal) => normal,
    });
    const { got, wants } = results.Y!;
    for (const want of wants) {
      const most = want.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
      const worst = want.reduce((off, value, i) => Math.max(off, Math.abs(got[i]! - value)), 0);
      expect(got.length).toBe(want.length);
      // That of published vectors.
      expect(worst).toBeLessThan((dtype === 'f16' ? 1e-3 : 2e-5) * most);
    }
    expect(made).toBe(calls);
  });
});

test('sums are taken where only a run knows the tokens', () => {
  const g = graphBuilder({ tokens: { max: 512 } });
  const [Q, K, V] = ['Q', 'K', 'V'].map((name) => g.input(name, 'f32', [1, 'tokens', 8])) as [
    string,
    string,
    string,
  ];
  const bias = g.input('bias', 'f32', [1, 1023]);
  const attributes = { q_num_heads: 1, kv_num_heads: 1, feature_map: 'elu1' };
  const { Y } = g.node(toeplitzAttention, { Q, K, V, bias }, attributes);
  const { calls } = compile(g.finish({ outputs: [Y!] }), { capabilities: baselineCapabilities });
  expect(calls.map(({ program }) => program.kernel)).toEqual(['toeplitz-attention']);
});
