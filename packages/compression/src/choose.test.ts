// Choices under a budget, and rehearsals, on a small transformer and on the device under test.
import type { StateDict } from '@tilewright/kernels';
import { dense, packDense, packF32, unpackDense } from '@tilewright/kernels/weights/dense';
import { weightCodecs as codecs } from '@tilewright/kernels/weights/registry';
import { isOf } from '@tilewright/graph';
import { add } from '@tilewright/graph/operators/add';
import { messageOf } from '@tilewright/tooling/message-of';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { smallTransformer } from '../../graph/src/oracle/small-transformer.ts';
import {
  chooseUnderBudget,
  type CompressibleModel,
  compressState,
  linearWeightsOf,
  perWeight,
  type Recipe,
  rehearse,
} from './index.ts';

const { graph, weights, step } = smallTransformer({ tied: true });
const ends = graph.nodes.flatMap((node) => (isOf(node, add) ? [node.outputs.C!] : []));
const model: CompressibleModel = {
  graph,
  blocks: [
    { input: 'embedding.output', output: ends[1]! },
    { input: ends[1]!, output: ends[3]! },
  ],
};
const names = linearWeightsOf(model);

/** Steps of a size, in f16 or f32: what is coarser is no smaller, but for f16. */
const rounded = (name: string, size: number, dtype: 'f16' | 'f32'): Recipe =>
  perWeight(name, [], ({ tensor }) =>
    packDense(
      unpackDense(tensor).map((value) => Math.round(value / size) * size),
      tensor.shape,
      dtype,
    ),
  );
const [coarse, fine, wasteful] = [
  rounded('coarse', 1 / 4, 'f16'),
  rounded('fine', 2 ** -10, 'f32'),
  rounded('wasteful', 1 / 2, 'f32'),
];

// SwiftShader is slow: what this tests beyond the kernels is arithmetic on the host.
describe.skipIf(testProfile.compileOnly || testProfile.subset)('a budget', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened.dispose());
  const feeds = [{ sizes: { tokens: 3, keys: 3 }, inputs: step(3, 0) }];
  const count = names.reduce((sum, name) => sum + unpackDense(weights.get(name)!).length, 0);
  const choose = (bytes: number): ReturnType<typeof chooseUnderBudget> =>
    chooseUnderBudget(opened.device, model, weights, [coarse, wasteful, fine], { codecs, feeds, bytes });

  test('is kept, spent where a byte saves most, and never on what is worse', async () => {
    const errors: number[] = [];
    for (const part of [2, 2.5, 3, 4]) {
      const { choices, recipe } = await choose(part * count);
      expect(choices.map(({ weight }) => weight)).toEqual(names);
      expect(choices.some((choice) => choice.recipe === 'wasteful')).toBe(false);
      const bytes = choices.reduce((sum, choice) => sum + choice.bytes, 0);
      expect(bytes).toBeLessThanOrEqual(part * count);
      errors.push(choices.reduce((sum, choice) => sum + choice.outputError, 0));
      const { report } = await compressState(opened.device, model, weights, recipe, { codecs });
      expect(report.bytesAfter).toBe(bytes);
      expect(report.layers.map(({ formatAfter }) => (formatAfter === 'f16' ? 'coarse' : 'fine'))).toEqual(
        choices.map((choice) => choice.recipe),
      );
      // A weight left coarse saves less for its bytes than each that was made fine before the budget was spent.
      const left = choices.filter((choice) => choice.recipe === 'coarse');
      const fits = left.filter((choice) => bytes + choice.bytes <= part * count);
      expect(part === 2 ? [] : fits).toEqual([]);
    }
    expect(errors).toEqual(errors.toSorted((a, b) => b - a));
    expect(errors[0]! / errors[3]!).toBeGreaterThan(100);
  }, 240_000);

  test('counts errors by what they do to the model, which is asked once for each weight', async () => {
    const precious = names[2]!;
    const asked: string[] = [];
    const { choices } = await chooseUnderBudget(opened.device, model, weights, [coarse, fine], {
      codecs,
      feeds,
      bytes: 2.5 * count,
      harm: (state) => {
        const changed = names.filter((name) => state.get(name) !== weights.get(name));
        expect(changed).toHaveLength(1);
        expect(state.get(changed[0]!)!.format.name).toBe('f16');
        asked.push(changed[0]!);
        return Promise.resolve(changed[0] === precious ? 1 : 1e-9);
      },
    });
    expect(asked).toEqual(names);
    expect(choices.find(({ weight }) => weight === precious)!.recipe).toBe('fine');
    for (const choice of choices) if (choice.recipe === 'coarse') expect(choice.harm).toBeCloseTo(1e-9, 12);
    const alike = await choose(2.5 * count);
    expect(alike.choices.every(({ harm }) => harm === null)).toBe(true);
  }, 120_000);

  test('that is too small is refused with what the least is', async () => {
    const said = await choose(2 * count - 1).then(
      () => 'nothing was thrown',
      (error: unknown) => (error as Error).message,
    );
    expect(said).toBe(
      `[chooseUnderBudget] the budget is ${2 * count - 1} bytes; the smallest of what there is to choose from takes ${2 * count}. ` +
        'Fix: add smaller formats, or raise the budget.',
    );
  }, 120_000);
});

describe('a rehearsal', () => {
  const said = (recipe: Recipe, state: StateDict = weights): string =>
    messageOf(() => rehearse(model, state, recipe, codecs));

  test('lets pass what will work', () => {
    expect(said(coarse)).toBe('nothing was thrown');
  });

  test('finds a number that is none, wherever it is, and by name', () => {
    const name = names.at(-1)!;
    const values = unpackDense(weights.get(name)!);
    values[values.length - 1] = NaN;
    const state = new Map(weights).set(name, packF32(values, weights.get(name)!.shape));
    const [rows, columns] = weights.get(name)!.shape;
    expect(said(coarse, state)).toBe(
      `[coarse] '${name}' holds NaN in row ${rows! - 1}, column ${columns! - 1}; weights are finite. Fix: get the weight files again.`,
    );
  });

  test('finds formats that nothing multiplies by, and groups beyond a row', () => {
    const first = names[0]!;
    const columns = weights.get(first)!.shape[1]!;
    const { reader: _, ...unread } = dense('f32');
    const store = (format: object): Recipe =>
      perWeight('store', [], ({ tensor }) => ({ ...tensor, format: { ...dense('f32'), ...format } }));
    const unreadable = perWeight('store', [], ({ tensor }) => ({
      ...tensor,
      format: { ...unread, name: 'odd' },
    }));
    expect(said(unreadable)).toBe(
      `[store] '${first}' would be stored as odd; no kernel multiplies by that format. Fix: round to another one.`,
    );
    expect(said(store({ name: 'wide', columnBlock: 4096 }))).toBe(
      `[store] '${first}' has rows of ${columns}, and wide holds columns in groups of 4096; a group is not longer than a row. ` +
        'Fix: round to a format with smaller groups.',
    );
  });
});
