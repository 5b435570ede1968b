// Models against a reference, on the device under test; what is expected is computed from their logits in plain f64.
import type { HostTensor } from '@tilewright/kernels';
import { packF32, unpackDense } from '@tilewright/kernels/weights/dense';
import { messageOf } from '@tilewright/tooling/message-of';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { llama } from '../architectures/llama/index.ts';
import { type OpenedModel, openModel } from '../open-model.ts';
import { type LanguageModel, loadLanguageModel } from '../tasks/language-model.ts';
import type { LanguageTasks } from '../tasks/language-tasks.ts';
import { score } from '../tasks/score.ts';
import { windowsOf } from '../tasks/windows.ts';
import { scoring } from '../tasks/scoring.ts';
import { tinySource } from '../test/tiny-model.ts';
import { differenceOf, estimateOf } from './estimate.ts';
import { type Candidate, evaluate, type EvaluationRow } from './evaluate.ts';

describe('estimates', () => {
  test('a mean of windows has the standard error of a mean', () => {
    const { mean, standardError } = estimateOf([Float64Array.of(1, 2, 3, 6)]);
    expect(mean).toBeCloseTo(3, 12);
    expect(standardError).toBeCloseTo(Math.sqrt((4 + 1 + 0 + 9) / 3 / 4), 12);
    expect(estimateOf([Float64Array.of(5)])).toEqual({
      mean: 5,
      standardError: null,
    });
  });

  test('draws add what they differ by', () => {
    const { mean, standardError } = estimateOf([Float64Array.of(1, 3), Float64Array.of(3, 5)]);
    expect(mean).toBeCloseTo(3, 12);
    expect(standardError).toBeCloseTo(Math.sqrt(2 / 2 + 2 / 2), 12);
  });

  test('a difference is paired: what two models share has no part in its error', () => {
    const hard = Float64Array.of(1, 9, 4, 7);
    const { mean, standardError } = differenceOf([hard.map((loss) => loss + 0.5)], [hard]);
    expect(mean).toBeCloseTo(0.5, 12);
    expect(standardError).toBeCloseTo(0, 12);
    const draws = [hard.map((loss) => loss + 1), hard.map((loss) => loss + 3)];
    expect(differenceOf(draws, [hard]).mean).toBeCloseTo(2, 12);
    expect(differenceOf(draws, [hard]).standardError).toBeCloseTo(1, 12);
    expect(differenceOf([hard], draws).mean).toBeCloseTo(-2, 12);
  });
});

describe.skipIf(testProfile.compileOnly)('models', () => {
  let opened: TestDevice;
  let source: OpenedModel<LanguageTasks>;
  let reference: LanguageModel;
  beforeAll(async () => {
    opened = await openTestDevice();
    source = await openModel(await tinySource(), { architectures: [llama] });
    reference = await loadLanguageModel(opened.device, source, {
      buckets: [],
      scoring,
    });
  }, 120_000);
  afterAll(() => {
    reference?.dispose();
    opened?.dispose();
  });

  const windows = windowsOf(
    Array.from({ length: 90 }, (_, i) => (7 * i * i + 3 * i) % 29),
    16,
  );
  /** The model with all weights of its layers a little larger, more so with each draw. */
  const louder =
    (factor: number): Candidate['load'] =>
    (draw) =>
      loadLanguageModel(
        opened.device,
        {
          ...source,
          weights: new Map(
            [...source.weights].map(([name, tensor]): [string, HostTensor] => [
              name,
              packF32(
                unpackDense(tensor).map((value) => value * (factor + draw / 100)),
                tensor.shape,
              ),
            ]),
          ),
        },
        { buckets: [], scoring },
      );
  const itself = (): Promise<LanguageModel> => louder(1)(0);
  const named = { name: 'dense', model: undefined as never };

  test('a model is no different from itself', async () => {
    const { rows, pairs, tokens } = await evaluate(
      { ...named, model: reference },
      [
        { name: 'a', load: itself },
        { name: 'b', load: itself },
      ],
      windows,
    );
    expect(tokens).toBe(5 * 16);
    for (const row of rows) {
      expect(row.lossGap).toEqual({ mean: 0, standardError: 0 });
      expect(row.agreement).toEqual({ mean: 1, standardError: 0 });
      expect(row.kl.mean).toBeLessThan(1e-12);
    }
    expect(pairs).toEqual([{ names: ['b', 'a'], loss: expect.anything(), kl: expect.anything() }]);
    expect(pairs[0]!.loss.mean).toBe(0);
  }, 120_000);

  test('loss, divergence and agreement are those of the logits, over windows and draws', async () => {
    const heard: string[] = [];
    const rows: EvaluationRow[] = [];
    const load = louder(1.1);
    const found = await evaluate(
      { ...named, model: reference },
      [{ name: 'louder', draws: 2, load }],
      windows,
      {
        onProgress: (name, done, total) => void heard.push(`${name} ${done}/${total}`),
        onRow: (row) => void rows.push(row),
      },
    );
    expect(heard.length).toBe(15);
    expect(heard.at(-1)).toBe('louder 10/10');
    const want = {
      loss: [] as number[],
      gap: [] as number[],
      kl: [] as number[],
      agreement: [] as number[],
    };
    for (const draw of [0, 1]) {
      const model = await load(draw);
      for (const { tokens, targets } of windows) {
        const of = async (which: LanguageModel): Promise<number[][]> => {
          const { logits } = await score(which, tokens, { logits: true });
          return tokens.map((_, i) => logProbabilities(logits!.subarray(29 * i, 29 * (i + 1))));
        };
        const [p, q] = [await of(reference), await of(model)];
        tokens.forEach((_, i) => {
          want.loss.push(-q[i]![targets[i]!]!);
          want.gap.push(p[i]![targets[i]!]! - q[i]![targets[i]!]!);
          want.kl.push(p[i]!.reduce((sum, a, t) => sum + Math.exp(a) * (a - q[i]![t]!), 0));
          want.agreement.push(Number(largest(p[i]!) === largest(q[i]!)));
        });
      }
      model.dispose();
    }
    const mean = (values: number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length;
    const [row] = found.rows;
    expect(rows).toEqual(found.rows);
    expect(row!.loss.mean).toBeCloseTo(mean(want.loss), 5);
    expect(row!.lossGap.mean).toBeCloseTo(mean(want.gap), 5);
    expect(row!.kl.mean).toBeCloseTo(mean(want.kl), 5);
    expect(row!.agreement.mean).toBeCloseTo(mean(want.agreement), 12);
    expect(row!.lossGap.standardError).toBeGreaterThan(0);
    expect(found.reference.loss.mean).toBeCloseTo(mean(want.loss) - mean(want.gap), 5);
  }, 120_000);

  test('no text is refused, and an abort is heard', async () => {
    const run = (texts: typeof windows, signal?: AbortSignal): Promise<unknown> =>
      evaluate(
        { ...named, model: reference },
        [{ name: 'a', load: itself }],
        texts,
        signal ? { signal } : {},
      );
    const noted = async (running: Promise<unknown>): Promise<string> =>
      running.then(
        () => 'nothing was thrown',
        (error: unknown) =>
          messageOf(() => {
            throw error;
          }),
      );
    expect(await noted(run([]))).toBe(
      '[evaluate] there are no windows; models are compared on a text. Fix: give a text that is longer than a window.',
    );
    expect(await noted(run(windows, AbortSignal.abort()))).toBe(
      '[evaluate] stopped at dense; the caller aborted.',
    );
  });
});

function logProbabilities(logits: Float32Array): number[] {
  const sum = logits.reduce((total, value) => total + Math.exp(value), 0);
  return [...logits].map((value) => value - Math.log(sum));
}

const largest = (values: readonly number[]): number => values.indexOf(Math.max(...values));
