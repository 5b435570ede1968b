// What compile refuses, and how it says so. No GPU.
import {
  baselineCapabilities,
  type Capabilities,
  isTilewrightError,
  type WeightFormat,
} from '@tilewright/kernels';
import { dense } from '@tilewright/kernels/weights/dense';
import { describe, expect, test } from 'vitest';
import { graphBuilder } from './builder.ts';
import { compile, type CompileOptions } from './compile.ts';
import { smallTransformer } from './oracle/small-transformer.ts';
import { simplify } from './simplify.ts';
import { add } from './operators/pointwise/add.ts';
import { gram } from './operators/products/gram.ts';
import { buildProduct } from './oracle/build-product.ts';
import { rmsNormalization } from './operators/normalization/rms-normalization.ts';
import { contiguous } from './caches/contiguous.ts';
import { rotaryEmbedding } from './operators/attention/rotary-embedding.ts';
import { appendCache } from './operators/cache/append-cache.ts';
import { sequencePlaces } from './operators/sequences/sequence-places.ts';

const messageOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (!isTilewrightError(error)) throw error;
    return `${error.code}: ${error.message}`;
  }
  return 'nothing was thrown';
};
const limited = (limits: Partial<Capabilities['limits']>): Capabilities => ({
  ...baselineCapabilities,
  limits: { ...baselineCapabilities.limits, ...limits },
});
const { graph: written } = smallTransformer();
const graph = simplify(written);
const refusal = (options: Partial<CompileOptions>, of = graph): string =>
  messageOf(() => compile(of, { capabilities: baselineCapabilities, ...options }));

describe('compile refuses', () => {
  test.each([0, 1.5, 13])('a size of %s', (tokens) => {
    expect(refusal({ sizes: { tokens } })).toBe(
      `bad-argument: [compile] the size of 'tokens' is ${tokens}; it must be an integer from 1 to 12. ` +
        'Fix: compile for a smaller bucket, or give the graph a larger maximum.',
    );
  });

  test('a node that binds more buffers than the device has', () => {
    expect(refusal({ capabilities: limited({ maxStorageBuffersPerShaderStage: 2 }) })).toBe(
      'no-variant: [embedding] no kernel can compute this Gather; embedding: binds 3 storage buffers of 2. ' +
        'Fix: change what the reasons name, or use a device that has what is missing.',
    );
  });

  test('compressed gains', () => {
    const formats = new Map<string, WeightFormat>([['0.norm.weight', dense('f16')]]);
    expect(refusal({ formats, fuse: false }, written)).toBe(
      "bad-format: [0.norm] its weight '0.norm.weight' is stored as f16; gains and biases are dense f32. " +
        'Fix: take the weights that prepareWeights gives, and their formats.',
    );
  });

  test('a gain that one binding cannot hold', () => {
    const g = graphBuilder({ tokens: { max: 1 } });
    const x = g.input('x', 'f16', ['tokens', 400]);
    const y = g.node(rmsNormalization, { X: x, scale: g.weight('gain', [400]) }, { epsilon: 1e-5 }).Y!;
    const small = { maxStorageBufferBindingSize: 1279 };
    expect(refusal({ capabilities: limited(small), fuse: false }, g.finish({ outputs: [y] }))).toBe(
      'limit-exceeded: [gain] this weight takes 1600 bytes; ' +
        'the device binds at most 1264 bytes at once, and gains and biases are not read in parts. ' +
        'Fix: compress it, or use a device with a larger maxStorageBufferBindingSize.',
    );
  });

  test('weights of which not even four columns can be bound', () => {
    const g = graphBuilder({ tokens: { max: 2 } });
    const y = buildProduct(g, g.input('x', 'f32', ['tokens', 100]), g.weight('w', [8, 100]));
    expect(
      refusal({ capabilities: limited({ maxStorageBufferBindingSize: 1024 }) }, g.finish({ outputs: [y] })),
    ).toBe(
      'limit-exceeded: [w] its smallest part takes 1600 bytes; ' +
        'the device binds at most 1024 bytes at once, and a part has four rows or more. ' +
        'Fix: compress the weight, or use a device with a larger maxStorageBufferBindingSize.',
    );
  });

  /** Weights small, everything that grows with `tokens` not. */
  const wide = (tokens: number) => {
    const g = graphBuilder({ tokens: { max: tokens } });
    const x = g.input('x', 'f32', ['tokens', 4]);
    const past = g.state('sum', 'f32', [4, 4]);
    const doubled = g.node(add, { A: x, B: x }).C!;
    const h = buildProduct(g, doubled, g.weight('up', [8, 4]), 'up');
    const sum = g.node(gram, { past, x: doubled }).present!;
    const y = buildProduct(g, h, g.weight('down', [4, 8]), 'down');
    return g.finish({ outputs: [y], states: { sum } });
  };
  test('inputs and temporaries that one binding cannot hold', () => {
    const fix = 'Fix: compile for fewer tokens at a time.';
    const refused = (most: number): string =>
      refusal({ capabilities: limited({ maxStorageBufferBindingSize: most }) }, wide(100));
    expect(refused(1024)).toBe(
      `limit-exceeded: [x] this input takes 1600 bytes; the device binds at most 1024 bytes at once. ${fix}`,
    );
    expect(refused(2048)).toBe(
      `limit-exceeded: [up.Y] this temporary takes 3200 bytes; the device binds at most 2048 bytes at once. ${fix}`,
    );
    expect(refused(4096)).toBe('nothing was thrown');
  });

  test('states and constants that one binding cannot hold', () => {
    const fix = 'Fix: give the graph a shorter maximum length.';
    const refused = (most: number): string =>
      refusal({ capabilities: limited({ maxStorageBufferBindingSize: most }), sizes: { tokens: 1 } }, long);
    const g = graphBuilder({ tokens: { max: 1 } });
    const x = g.input('x', 'f32', [1, 'tokens', 8]);
    const sequences = g.input('sequences', 'u32', [2, 2]);
    const { positions } = g.node(sequencePlaces, { sequences }, { tokens: 'tokens' });
    const [cosine, sine] = ['cos', 'sin'].map((name) => g.constant(name, [64, 2], new Float32Array(128)));
    const cache = g.cache('cache', 'f32', [1, 2, 60, 8], { format: contiguous, keySize: 4, chunk: 1 });
    const K = g.node(
      rotaryEmbedding,
      { X: x, cos_cache: cosine, sin_cache: sine, position_ids: positions },
      { num_heads: 2 },
    ).Y!;
    const { present } = g.node(appendCache, { cache, K, V: x, sequences });
    const long = g.finish({ outputs: [], states: { cache: present! } });
    expect(refused(512)).toBe(
      `limit-exceeded: [cos sin] this constant takes 1024 bytes; the device binds at most 512 bytes at once. ${fix}`,
    );
    expect(refused(1024)).toBe(
      `limit-exceeded: [cache.key] this state takes 1920 bytes; the device binds at most 1024 bytes at once. ${fix}`,
    );
  });
});

test('a weight of 16 MiB on a device that binds 1 MiB at once', () => {
  const g = graphBuilder({ tokens: { max: 1 } });
  const y = buildProduct(g, g.input('x', 'f32', ['tokens', 1024]), g.weight('w', [4096, 1024]));
  const { parts, memory, calls } = compile(g.finish({ outputs: [y] }), {
    capabilities: limited({ maxStorageBufferBindingSize: 2 ** 20 }),
  });
  expect(parts.size).toBe(16);
  expect(calls.map(({ bindings }) => bindings.b)).toEqual([...parts.keys()]);
  expect([...parts.keys()].at(-1)).toBe('w [rows 3840 to 4095]');
  const weights = Object.values(memory.buffers).filter(({ kind }) => kind === 'weight');
  expect(weights.map(({ sizeBytes }) => sizeBytes)).toEqual(Array.from(parts, () => 2 ** 20));
});

test('the parts of a split weight are of nearly equal size and cover it', () => {
  const { parts, calls } = compile(graph, {
    capabilities: limited({ maxStorageBufferBindingSize: 1536 }),
  });
  const ofGate = [...parts.values()].filter(({ weight }) => weight.startsWith('0.gate_proj'));
  expect(ofGate.map(({ rows }) => rows)).toEqual([
    [
      [0, 12],
      [20, 32],
    ],
    [
      [12, 20],
      [32, 40],
    ],
  ]);
  expect(calls.filter(({ label }) => label === 'logits')).toHaveLength(1);
});

test('a tied table is split once: gathers and products read the same parts', () => {
  const { parts, calls } = compile(simplify(smallTransformer({ tied: true }).graph), {
    capabilities: limited({ maxStorageBufferBindingSize: 1280 }),
    sizes: { tokens: 6 },
  });
  const names = [...parts].filter(([, { weight }]) => weight === 'embed').map(([name]) => name);
  expect(names).toEqual(['embed [rows 0 to 11]', 'embed [rows 12 to 23]']);
  const readers = (binding: string) => calls.flatMap(({ bindings }) => bindings[binding] ?? []);
  expect(readers('table')).toEqual(names);
  expect(readers('b').filter((name) => name.startsWith('embed'))).toEqual(names);
});
