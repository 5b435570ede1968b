// What moves where, what is let out again, and that neither changes what a graph means. No GPU.
import { baselineCapabilities, type Capabilities } from '@tilewright/kernels';
import { describe, expect, test } from 'vitest';
import { graphBuilder } from '../builder.ts';
import { compile } from '../compile.ts';
import { extentScope } from '../extent/index.ts';
import { explain } from '../explain.ts';
import { regionsOf } from '../graph-index.ts';
import type { Graph } from '../ir.ts';
import { regionEpilogue } from '../lowering/region-epilogue.ts';
import { defineOperator } from '../operators/operator.ts';
import { rmsNormalization } from '../operators/normalization/rms-normalization.ts';
import { add } from '../operators/pointwise/add.ts';
import { gelu } from '../operators/pointwise/gelu.ts';
import { linear } from '../operators/products/linear.ts';
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
  interpret(meanings, graph, weights, step(5, 0), sizes)['logits.y']!;

describe('what does not fit is let out', () => {
  const want = logitsOf(simple);
  test.each([5, 6, 7, 8])(
    'with %i storage buffers: the same result, and said which limit did it',
    (buffers) => {
      const compiled = compile(simple, { capabilities: limited(buffers), sizes: { tokens: 5 } });
      const { peeled } = explain(compiled);
      expect(peeled.length > 0).toBe(buffers < 8);
      for (const { reason } of peeled) expect(reason).toContain(`storage buffers of ${buffers}`);
      expect(compiled.graph.nodes.length).toBe(fuse(simple).nodes.length + peeled.length);
      const got = logitsOf(compiled.graph);
      const largest = Math.max(...want.map(Math.abs));
      got.forEach((value, i) => expect(Math.abs(value - want[i]!) / largest).toBeLessThan(1e-12));
    },
  );

  test('but a product that was merged has as many results as projections', () => {
    expect(() => compile(simple, { capabilities: limited(4), sizes: { tokens: 5 } })).toThrow(
      '[0.q_proj] no kernel can compute this Linear; gemv: binds 5 storage buffers of 4; matmul: binds 5 storage buffers of 4. ' +
        'Fix: change what the reasons name, or use a device that has what is missing.',
    );
  });

  test('down to a product by itself, and the norm in front of it', () => {
    const g = graphBuilder({ tokens: { max: 2 } });
    const x = g.input('x', 'f32', ['tokens', 8]);
    const { Y } = g.node(rmsNormalization, { X: x, scale: g.weight('gain', [8]) }, {}, 'norm');
    const { y } = g.node(linear, { x: Y, weight: g.weight('w', [8, 8]) }, {}, 'product');
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
    const { y } = g.node(linear, { x, weight: g.weight('w', [8, 8]) }, {}, 'product');
    const fused = fuse(g.finish({ outputs: build(y!, x, g) }));
    return fused.nodes.map((node) =>
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
        summary: 'y = 2x',
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
            reference: ({ y }) => y.map((value) => 2 * value),
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

test('what regions do to a product is what their nodes mean', () => {
  const fused = fuse(simple);
  const merged = fused.nodes.find((node) => regionsOf(node, 'epilogue').length === 3)!;
  const values = interpret(meanings, fused, weights, step(5, 0), sizes);
  const product = values[merged.outputs.y!]!;
  const columns = product.length / 5;
  const compiling = { values: fused.values, extents: extentScope(fused.symbols) } as Parameters<
    typeof regionEpilogue
  >[2];
  const { filling, bindings } = regionEpilogue(merged, { role: 'y', columns }, compiling);
  const inputs = Object.fromEntries(
    Object.entries(bindings).map(([name, value]) => {
      // A cache before it is written is zero here.
      const isOutput = filling!.bindings![name.slice('epilogue.'.length)]!.role !== undefined;
      return [
        name.slice('epilogue.'.length),
        isOutput ? new Float64Array(values[value]!.length) : values[value]!,
      ];
    }),
  );
  const outputs = filling!.reference({
    y: product,
    rows: 5,
    columns,
    inputs,
    uniforms: {},
    round: (value) => value,
  });
  expect(Object.keys(outputs)).toHaveLength(3);
  for (const [name, data] of Object.entries(outputs)) expect(data).toEqual(values[bindings[name]!]!);
});
