// What explain says of a step, against numbers counted by hand. No GPU.
import { baselineCapabilities } from '@tilewright/kernels';
import { expect, test } from 'vitest';
import { graphBuilder } from './builder.ts';
import { compile } from './compile.ts';
import { explain } from './explain.ts';
import { plannedBytes } from './session.ts';
import { cachedAttention } from './operators/attention/cached-attention.ts';
import { add } from './operators/pointwise/add.ts';
import { gather } from './operators/shape/gather.ts';
import { buildProduct } from './oracle/build-product.ts';
import { rmsNormalization } from './operators/normalization/rms-normalization.ts';
import { contiguous } from './caches/contiguous.ts';
import { appendCache } from './operators/cache/append-cache.ts';

test('a norm, a linear layer and a residual: one dispatch, every byte counted', () => {
  const [k, n] = [8, 8];
  const g = graphBuilder({ tokens: { max: 4 } });
  const x = g.input('x', 'f32', ['tokens', k]);
  const gain = g.weight('gain', [k]);
  const normal = g.node(rmsNormalization, { X: x, scale: gain }, { epsilon: 1e-5 }, 'norm').Y!;
  const product = buildProduct(g, normal, g.weight('w', [n, k]), 'linear');
  const y = g.node(add, { A: product, B: x }, {}, 'residual').C!;
  const compiled = compile(g.finish({ outputs: [y] }), { capabilities: baselineCapabilities });
  const said = explain(compiled, { tokens: 3 });

  const input = 4 * 4 * k; // four tokens of f32: the slice bound, whatever the step uses of it
  const output = 4 * 4 * n;
  const weight = 4 * n * k;
  expect(compiled.calls).toHaveLength(1);
  expect(said.dispatches).toBe(1);
  // x is bound twice: as the activation and as the residual.
  expect(said.movedBytes).toBe(2 * input + weight + 4 * k + output);
  // Three tokens in, three out, and the weights: what any schedule moves.
  expect(said.compulsoryBytes).toBe(3 * 4 * k + weight + 4 * k + 3 * 4 * n);
  expect(said.flops).toBe(2 * 3 * k * n);
  expect(said.bytes).toEqual({ input, weight: weight + 4 * k, output, uniform: 256 });
  expect(said.peakBytes).toBe(input + weight + 4 * k + output + 256);
  // The session also owns a way back for its output.
  expect(plannedBytes({ compiled })).toBe(said.peakBytes + output);
  expect(said.shaders).toBe(1);
  expect(said.wgslBytes).toBe(compiled.calls[0]!.program.wgsl.length);
  expect(said.calls[0]).toMatchObject({ label: 'linear', dispatches: 1, movedBytes: said.movedBytes });
});

test('gathers and caches count the rows that are addressed', () => {
  const [vocabulary, hidden, heads, size, capacity] = [50, 8, 2, 4, 32];
  const g = graphBuilder({ tokens: { max: 4 }, keys: { max: capacity } });
  const ids = g.input('ids', 'u32', [1, 'tokens']);
  const sequences = g.input('sequences', 'u32', [2, 2]);
  const row = g.node(
    gather,
    { data: g.weight('table', [vocabulary, hidden]), indices: ids },
    {},
    'embed',
  ).output!;
  const past = g.cache('cache', 'f32', [1, heads, capacity, 2 * size], {
    format: contiguous,
    keySize: size,
    chunk: 4,
  });
  const cache = g.node(appendCache, { cache: past, K: row, V: row, sequences }, {}, 'write').present!;
  const y = g.node(
    cachedAttention,
    { Q: row, cache, sequences },
    { q_num_heads: heads, keys: 'keys' },
    'attention',
  ).Y!;
  const graph = g.finish({ outputs: [y], states: { cache } });
  const compiled = compile(graph, { capabilities: baselineCapabilities, sizes: { tokens: 1 } });
  const of = (label: string, keys: number): number =>
    explain(compiled, { tokens: 1, keys })
      .calls.filter((call) => call.label === label)
      .reduce((sum, call) => sum + call.movedBytes, 0);

  const vector = 4 * hidden;
  expect(of('embed', 5)).toBe(vector + 4 + vector);
  expect(of('write.key', 5)).toBe(vector + 4 + vector);
  // Each further key is one more row of keys and of values.
  expect(of('attention', 6) - of('attention', 5)).toBe(2 * vector);
});
