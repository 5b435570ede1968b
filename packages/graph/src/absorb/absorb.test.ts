// What moves where, what is let out again, and that neither changes what a graph means. No GPU.
import { baselineCapabilities, type Capabilities } from '@tilewright/kernels';
import { describe, expect, test } from 'vitest';
import { graphBuilder } from '../builder.ts';
import { placeCaches } from '../caches/place-caches.ts';
import { compile } from '../compile.ts';
import { explain } from '../explain.ts';
import { regionsOf } from '../graph-index.ts';
import { transpose } from '../operators/shape/transpose.ts';
import type { Graph } from '../ir.ts';
import { defineOperator } from '../operators/operator.ts';
import { rmsNormalization } from '../operators/normalization/rms-normalization.ts';
import { add } from '../operators/pointwise/add.ts';
import { gelu } from '../operators/pointwise/gelu.ts';
import { buildProduct } from '../oracle/build-product.ts';
import { interpret } from '../oracle/interpret.ts';
import { smallTransformer } from '../oracle/small-transformer.ts';
import { meanings } from '../registry.ts';
import { fuse, simplify } from '../simplify.ts';
import { prepareWeights } from '../weights/prepare.ts';

const { graph: written, weights: raw, step } = smallTransformer();
const simple = simplify(written);
const weights = prepareWeights(simple, raw);
const sizes = { tokens: 5, keys: 5 };
const limited = (buffers: number): Capabilities => ({
  ...baselineCapabilities,
  limits: { ...baselineCapabilities.limits, maxStorageBuffersPerShaderStage: buffers },
});
const logitsOf = (graph: Graph): Float64Array =>
  interpret(meanings, graph, weights, step(5, 0), sizes)['logits.Y']!;

describe('what does not fit is let out', () => {
  const want = logitsOf(simple);
  test.each([5, 6, 7, 8])(
    'with %i storage buffers: the same result, and said which limit did it',
    (buffers) => {
      const compiled = compile(simple, { capabilities: limited(buffers), sizes: { tokens: 5 } });
      const { peeled } = explain(compiled);
      expect(peeled.length > 0).toBe(buffers < 8);
      for (const { reason } of peeled) expect(reason).toContain(`storage buffers of ${buffers}`);
      expect(compiled.graph.nodes.length).toBe(fuse(placeCaches(simple)).nodes.length + peeled.length);
      const got = logitsOf(compiled.graph);
      const largest = Math.max(...want.map(Math.abs));
      got.forEach((value, i) => expect(Math.abs(value - want[i]!) / largest).toBeLessThan(1e-12));
    },
  );

  test('with biases joined, and gains, the norm in front of each merged product runs by itself on eight', () => {
    const biased = smallTransformer({ biased: true });
    const joined = simplify(biased.graph);
    const { graph, peeled, calls } = compile(joined, { capabilities: limited(8), sizes: { tokens: 5 } });
    const projections = (layer: number): string => `${layer}.q_proj + ${layer}.k_proj + ${layer}.v_proj`;
    expect(peeled.map(({ node }) => node)).toEqual(
      [0, 1].map((layer) => `${projections(layer)}.${layer}.norm`),
    );
    // Six a layer, an embedding, the head and the sampler.
    expect(calls).toHaveLength(2 * 6 + 3);
    const prepared = prepareWeights(joined, biased.weights);
    const [got, wanted] = [graph, joined].map(
      (each) => interpret(meanings, each, prepared, step(5, 0), sizes)['logits.Y']!,
    );
    expect(got).toEqual(wanted);
  });

  test('but a product that was merged has as many results as it had parts', () => {
    const g = graphBuilder({ tokens: { max: 2 } });
    const x = g.input('x', 'f32', ['tokens', 8]);
    const outputs = ['a', 'b'].map(
      (name) => g.node(gelu, { X: buildProduct(g, x, g.weight(`${name}.w`, [4, 8]), name) }).Y!,
    );
    expect(() => compile(simplify(g.finish({ outputs })), { capabilities: limited(3) })).toThrow(
      '[a + b] no kernel can compute this MatMul; gemv: binds 4 storage buffers of 3; matmul: binds 4 storage buffers of 3. ' +
        'Fix: change what the reasons name, or use a device that has what is missing.',
    );
  });

  test('down to a product by itself, and the norm in front of it', () => {
    const g = graphBuilder({ tokens: { max: 2 } });
    const x = g.input('x', 'f32', ['tokens', 8]);
    const { Y } = g.node(rmsNormalization, { X: x, scale: g.weight('gain', [8]) }, {}, 'norm');
    const y = buildProduct(g, Y!, g.weight('w', [8, 8]), 'product');
    const { C } = g.node(add, { A: y, B: x }, {}, 'residual');
    const graph = g.finish({ outputs: [C!] });
    const names = (buffers: number): string[] =>
      compile(graph, { capabilities: limited(buffers) }).calls.map(({ label }) => label);
    expect(names(8)).toEqual(['product']);
    expect(names(4)).toEqual(['product', 'residual']);
    expect(names(3)).toEqual(['product.norm', 'product', 'residual']);
    expect(explain(compile(graph, { capabilities: limited(3) })).peeled).toEqual([
      {
        node: 'residual',
        host: 'product',
        reason: expect.stringContaining('gemv: binds 5 storage buffers of 3'),
      },
      {
        node: 'product.norm',
        host: 'product',
        reason: expect.stringContaining('gemv: binds 4 storage buffers of 3'),
      },
    ]);
  });
});

describe('what moves in', () => {
  const behind = (
    build: (y: string, x: string, g: ReturnType<typeof graphBuilder>) => string[],
  ): string[] => {
    const g = graphBuilder({ tokens: { max: 2 } });
    const x = g.input('x', 'f32', ['tokens', 8]);
    const y = buildProduct(g, x, g.weight('w', [8, 8]), 'product');
    const fused = fuse(g.finish({ outputs: build(y, x, g) }));
    const nodes = fused.nodes.filter((node) => node.operator.id !== transpose.id);
    return nodes.map((node) =>
      [node.name, ...regionsOf(node, 'epilogue').flatMap(({ nodes }) => nodes.map(({ name }) => name))].join(
        ' < ',
      ),
    );
  };

  test('a chain of operators of ONNX, each with what it reads beside', () => {
    expect(
      behind((y, x, g) => {
        const biased = g.node(add, { A: y, B: g.weight('b', [8]) }, {}, 'bias').C!;
        const active = g.node(gelu, { X: biased }, {}, 'gelu').Y!;
        return [g.node(add, { A: x, B: active }, {}, 'residual').C!];
      }),
    ).toEqual(['product < bias < gelu < residual']);
  });

  test('not what others read as well, nor what is an output', () => {
    const twice = (y: string, _x: string, g: ReturnType<typeof graphBuilder>): string[] => [
      g.node(gelu, { X: y }, {}, 'one').Y!,
      g.node(gelu, { X: y }, { approximate: 'tanh' }, 'other').Y!,
    ];
    expect(behind(twice)).toEqual(['product', 'one', 'other']);
    expect(behind((y, _x, g) => [y, g.node(gelu, { X: y }, {}, 'gelu').Y!])).toEqual(['product', 'gelu']);
  });

  test('nor what must see more than a slot hands in; an operator of a stranger moves in like ours', () => {
    const scaled = (sees: 'quad' | 'head') =>
      defineOperator({
        domain: 'stranger',
        name: 'Doubled',
        // y = 2x
        inputs: [{ name: 'x', kind: 'required' }],
        absorption: {
          direction: 'epilogue',
          through: ['x'],
          sees: () => sees,
          step: () => ({
            id: 'doubled',
            kind: 'map',
            bindings: {},
            wgsl: (name) =>
              `fn ${name}(row: u32, column: u32, v: vec4<f32>) -> vec4<f32> { return 2.0 * v; }`,
          }),
        },
        infer: ({ inputs }) => ({ y: inputs.x! }),
      });
    expect(behind((y, _x, g) => [g.node(scaled('quad'), { x: y }, {}, 'doubled').y!])).toEqual([
      'product < doubled',
    ]);
    expect(behind((y, _x, g) => [g.node(scaled('head'), { x: y }, {}, 'doubled').y!])).toEqual([
      'product',
      'doubled',
    ]);
  });
});
