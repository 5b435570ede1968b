// Taps, sites, gains and the driver, on a small transformer and on the device under test.
import { isTilewrightError, type StateDict } from '@tilewright/kernels';
import { dense, packDense, unpackDense } from '@tilewright/kernels/weights/dense';
import { weightCodecs as codecs } from '@tilewright/kernels/weights/registry';
import { graphBuilder, isOf } from '@tilewright/graph';
import { gram } from '@tilewright/graph/operators/gram';
import { matMulOfWeight } from '@tilewright/graph/operators/mat-mul';
import { add } from '@tilewright/graph/operators/add';
import { transpose } from '@tilewright/graph/operators/transpose';
import { meanings } from '@tilewright/graph/registry';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { interpret } from '../../graph/src/oracle/interpret.ts';
import { smallTransformer } from '../../graph/src/oracle/small-transformer.ts';
import { prepareWeights } from '../../graph/src/weights/prepare.ts';
import {
  type BlockResult,
  type CompressibleModel,
  compressState,
  type Feed,
  foldGains,
  gramStatistic,
  type GramStatistics,
  linearInputs,
  linearWeightsOf,
  perWeight,
  type Recipe,
  scaleSites,
  valueOf,
  withTaps,
} from './index.ts';

const { graph, weights, step } = smallTransformer({ tied: true });
const ends = graph.nodes.flatMap((node) => (isOf(node, add) ? [node.outputs.C!] : []));
const entry = 'embedding.output';
const model: CompressibleModel = {
  graph,
  blocks: [
    { input: entry, output: ends[1]! },
    { input: ends[1]!, output: ends[3]! },
  ],
};
const sizes = { tokens: 3, keys: 3 };
const values = interpret(meanings, graph, prepareWeights(graph, weights), step(3, 0), sizes);

/** `xᵀx` of the f64 values of a graph. */
const gramOf = (x: Float64Array, columns: number): Float64Array =>
  Float64Array.from({ length: columns * columns }, (_, at) => {
    let sum = 0;
    for (let start = 0; start < x.length; start += columns)
      sum += x[start + Math.floor(at / columns)]! * x[start + (at % columns)]!;
    return sum;
  });

function worstDifference(got: ArrayLike<number>, want: Float64Array): number {
  const largest = Math.max(...want.map(Math.abs));
  return Math.max(...want.map((value, i) => Math.abs(value - got[i]!))) / largest;
}

const dense32 = (state: StateDict, name: string): Float32Array => unpackDense(state.get(name)!);

describe('what a graph is asked', () => {
  test('the weights of linear layers inside the blocks, in published names and in order', () => {
    const layer = (n: number): string[] =>
      ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'].map(
        (name) => `${n}.${name}.weight`,
      );
    expect(linearWeightsOf(model)).toEqual([...layer(0), ...layer(1)]);
    expect(linearInputs(graph).get('embed')).toBe('last_norm.Y');
  });

  test('where a scale of columns can move: not where a weight has another reader', () => {
    expect(scaleSites(graph)).toEqual(
      [0, 1].flatMap((n) => [
        { vectors: [`${n}.norm.weight`], weights: ['q', 'k', 'v'].map((kind) => `${n}.${kind}_proj.weight`) },
        { vectors: [`${n}.mlp_norm.weight`], weights: [`${n}.gate_proj.weight`, `${n}.up_proj.weight`] },
      ]),
    );
  });

  test('folded gains leave the model what it was, in published names', () => {
    const folded = foldGains(graph, weights);
    expect([...folded.keys()]).toEqual([...weights.keys()]);
    expect(new Set(dense32(folded, '0.norm.weight'))).toEqual(new Set([1]));
    expect(folded.get('last_norm.weight')).toBe(weights.get('last_norm.weight'));
    const again = interpret(meanings, graph, prepareWeights(graph, folded), step(3, 0), sizes);
    expect(worstDifference(again['logits.Y']!, values['logits.Y']!)).toBeLessThan(1e-6);
    expect([...foldGains(graph, folded)]).toEqual([...folded]);
    const compressed = new Map(weights).set('0.k_proj.weight', {
      ...weights.get('0.k_proj.weight')!,
      format: { ...dense('f32'), family: 'other' },
    });
    expect(foldGains(graph, compressed).get('0.norm.weight')).toBe(weights.get('0.norm.weight'));
  });

  test('taps sum up inputs from step to step, one for all that read the same, and change nothing else', () => {
    const inBlocks = new Map([...linearInputs(graph)].filter(([name]) => name !== 'embed'));
    const { graph: tapped, taps } = withTaps(graph, [gramStatistic], inBlocks);
    expect(tapped.nodes.filter((node) => isOf(node, gram))).toHaveLength(8);
    const prepared = prepareWeights(tapped, weights);
    const first = interpret(meanings, tapped, prepared, step(3, 0), sizes);
    expect(first['logits.Y']).toEqual(values['logits.Y']);
    const carried = Object.fromEntries(
      Object.entries(tapped.states).map(([name, { final }]) => [
        name,
        name.startsWith('statistic') ? first[final]! : first[final]!.map(() => 0),
      ]),
    );
    const second = interpret(meanings, tapped, prepared, step(3, 0), sizes, carried);
    for (const { weight, state, columns } of taps) {
      const { final } = tapped.states[state]!;
      const want = gramOf(values[linearInputs(graph).get(weight)!]!, columns);
      expect(worstDifference(first[final]!, want)).toBeLessThan(1e-12);
      expect(
        worstDifference(
          second[final]!,
          want.map((sum) => 2 * sum),
        ),
      ).toBeLessThan(1e-12);
    }
  });

  test('two layers that are not in blocks share a sum as well', () => {
    const g = graphBuilder({ tokens: { max: 2 } });
    const x = g.input('x', 'f32', ['tokens', 4]);
    const outputs = ['a', 'b'].map((name) => {
      const { transposed } = g.node(transpose, { data: g.weight(name, [4, 4]) });
      return g.node(matMulOfWeight, { A: x, B: transposed }, {}, `product ${name}`).Y!;
    });
    const two = g.finish({ outputs });
    const { taps } = withTaps(two, [gramStatistic], linearInputs(two));
    expect(taps.map(({ weight, state }) => [weight, state])).toEqual([
      ['a', 'statistic.0'],
      ['b', 'statistic.0'],
    ]);
  });
});

// SwiftShader is slow: what this tests beyond the kernels is arithmetic on the host.
describe.skipIf(testProfile.compileOnly || testProfile.subset)('the driver', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened.dispose());
  const feeds: Feed[] = [{ sizes, inputs: step(3, 0) }];
  const zero = perWeight('zero', [], ({ tensor }) =>
    packDense(new Float32Array(unpackDense(tensor).length), tensor.shape, 'f32'),
  );

  test('statistics of a block are those behind the blocks before it as they were compressed', async () => {
    const seen = new Map<string, GramStatistics>();
    const listening = perWeight('listening', [gramStatistic], ({ name, statistics, tensor }) => {
      seen.set(name, valueOf(statistics, gramStatistic)!);
      return name.startsWith('0.')
        ? packDense(new Float32Array(unpackDense(tensor).length), tensor.shape, 'f32')
        : tensor;
    });
    const { state, report } = await compressState(opened.device, model, weights, listening, {
      codecs,
      feeds,
    });
    expect([...seen.keys()]).toEqual(linearWeightsOf(model));
    expect(report.layers.map(({ name }) => name)).toEqual(linearWeightsOf(model));
    const emptied = interpret(meanings, graph, prepareWeights(graph, state), step(3, 0), sizes);
    for (const [name, { gram: sum, columns, samples }] of seen) {
      const from = name.startsWith('0.') ? values : emptied;
      expect(samples).toBe(3);
      expect(worstDifference(sum, gramOf(from[linearInputs(graph).get(name)!]!, columns))).toBeLessThan(1e-5);
    }
  }, 120_000);

  test('what comes behind a change of inputs sees the inputs as they are then', async () => {
    const diagonals: number[] = [];
    const listen: Recipe['stages'][number] = {
      statistics: [gramStatistic],
      rewrite: ({ statistics }) => {
        diagonals.push(valueOf(statistics('0.q_proj.weight'), gramStatistic)?.gram[0] ?? 0);
        return [];
      },
    };
    const double: Recipe['stages'][number] = {
      statistics: [],
      changesInputs: true,
      rewrite: ({ state, sites }) =>
        sites.flatMap(({ vectors }) =>
          vectors.map((name) => {
            const tensor = state.get(name)!;
            return [
              name,
              packDense(
                unpackDense(tensor).map((value) => 2 * value),
                tensor.shape,
                'f32',
              ),
            ] as const;
          }),
        ),
    };
    const recipe: Recipe = { name: 'doubled', stages: [listen, listen, double, listen] };
    const one = { graph, blocks: [model.blocks[0]!] };
    await compressState(opened.device, one, weights, recipe, { codecs, feeds });
    expect(diagonals[1]).toBe(diagonals[0]);
    expect(diagonals[2]! / diagonals[0]!).toBeCloseTo(4, 5);
  }, 120_000);

  test('a sequential stage sees what the weights before it make of the text, once they are changed', async () => {
    const seen = new Map<string, GramStatistics>();
    const emptied = ['0.v_proj.weight', '0.up_proj.weight'];
    const listening = perWeight(
      'listening',
      [gramStatistic],
      ({ name, statistics, tensor }) => {
        seen.set(name, valueOf(statistics, gramStatistic)!);
        return emptied.includes(name)
          ? packDense(new Float32Array(unpackDense(tensor).length), tensor.shape, 'f32')
          : tensor;
      },
      { sequential: true },
    );
    const one = { graph, blocks: [model.blocks[0]!] };
    const { state } = await compressState(opened.device, one, weights, listening, { codecs, feeds });
    expect([...seen.keys()]).toEqual(linearWeightsOf(one));
    const after = interpret(meanings, graph, prepareWeights(graph, state), step(3, 0), sizes);
    for (const name of ['0.o_proj.weight', '0.down_proj.weight']) {
      const input = linearInputs(graph).get(name)!;
      expect(Math.max(...seen.get(name)!.gram)).toBe(0);
      expect(Math.max(...gramOf(after[input]!, seen.get(name)!.columns))).toBe(0);
    }
    const gate = linearInputs(graph).get('0.gate_proj.weight')!;
    const { gram: sum, columns } = seen.get('0.gate_proj.weight')!;
    expect(worstDifference(sum, gramOf(after[gate]!, columns))).toBeLessThan(1e-5);
    expect(worstDifference(sum, gramOf(values[gate]!, columns))).toBeGreaterThan(1e-3);
  }, 120_000);

  test('what was interrupted goes on behind the last block that was kept, to the same end', async () => {
    const shrink = perWeight('shrink', [gramStatistic], ({ statistics, tensor }) => {
      const { gram: sum } = valueOf(statistics, gramStatistic)!;
      return packDense(
        unpackDense(tensor).map((value) => value / (1 + sum[0]!)),
        tensor.shape,
        'f32',
      );
    });
    const whole = await compressState(opened.device, model, weights, shrink, { codecs, feeds });
    const kept = new Map<number, BlockResult>();
    const heard: number[] = [];
    const run = (stopAfter: number): ReturnType<typeof compressState> => {
      const controller = new AbortController();
      return compressState(opened.device, model, weights, shrink, {
        codecs,
        feeds,
        signal: controller.signal,
        checkpoints: {
          load: (block) => Promise.resolve(kept.get(block)),
          save: (block, result) => Promise.resolve(void kept.set(block, result)),
        },
        onProgress: ({ done }) => {
          heard.push(done);
          if (done === stopAfter) controller.abort();
        },
      });
    };
    await expect(run(9)).rejects.toMatchObject({ code: 'aborted' });
    expect([...kept.keys()]).toEqual([0]);
    const first = kept.get(0);
    heard.length = 0;
    const resumed = await run(Infinity);
    expect(kept.get(0)).toBe(first);
    expect(heard).toEqual(Array.from({ length: 14 }, (_, i) => i + 1));
    expect(resumed.report).toEqual(whole.report);
    for (const [name, { bytes }] of whole.state) expect(resumed.state.get(name)!.bytes).toEqual(bytes);
  }, 120_000);

  test('progress is told after each weight, timers have their turn, an abort stops it', async () => {
    const controller = new AbortController();
    const events: string[] = [];
    const timer = setInterval(() => events.push('timer'), 0);
    const running = compressState(opened.device, model, weights, zero, {
      codecs,
      signal: controller.signal,
      onProgress: ({ done, total, layer }) => {
        events.push(`${done}/${total} ${layer.name}`);
        if (done === 2) controller.abort('enough');
      },
    });
    const error: unknown = await running.catch((caught: unknown) => caught);
    clearInterval(timer);
    expect(events).toContain('timer');
    expect(events.filter((event) => event !== 'timer')).toEqual([
      '1/14 0.q_proj.weight',
      '2/14 0.k_proj.weight',
    ]);
    expect(isTilewrightError(error) && error.code).toBe('aborted');
    expect(error).toMatchObject({
      message: '[zero] stopped after 2 of 14 weights; the caller aborted.',
      cause: 'enough',
    });
  });

  test('a recipe with statistics wants texts', async () => {
    const needy = perWeight('needy', [gramStatistic], ({ tensor }) => tensor);
    await expect(compressState(opened.device, model, weights, needy, { codecs })).rejects.toMatchObject({
      code: 'bad-argument',
      message:
        '[needy] there is no text to calibrate on; this recipe needs the inputs of every layer. ' +
        'Fix: give windows of tokens, of a text or of what the model writes itself.',
    });
  });
});
