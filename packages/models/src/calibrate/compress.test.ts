// Compression of the shipped model on the device under test, with recipes of every kind.
import { scoring } from '../tasks/scoring.ts';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openModelFolderAt } from '@tilewright/formats/node';
import { isTilewrightError, type StateDict } from '@tilewright/kernels';
import { compose, type Recipe } from '@tilewright/compression';
import { integerQuantizer } from '@tilewright/kernels/weights/integer';
import { weightCodecs } from '@tilewright/kernels/weights/registry';
import { magnitude, sparseGpt, wanda } from '@tilewright/prune';
import { cast, gptq, rtn, smoothQuant } from '@tilewright/quant';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { llama } from '../architectures/llama/index.ts';
import { type OpenedModel, openModel } from '../open-model.ts';
import { loadLanguageModel } from '../tasks/language-model.ts';
import type { LanguageTasks } from '../tasks/language-tasks.ts';
import { score } from '../tasks/score.ts';
import { meanLoss, windowsOf } from '../tasks/windows.ts';
import type { TextTokenizer } from '../tasks/tokenizer.ts';
import { compressModel } from './compress.ts';

const root = new URL('../../../../', import.meta.url);
const shared = process.env['TILEWRIGHT_SHARED'] ?? fileURLToPath(new URL('../shared', root));
const textFile = join(shared, 'data', 'tiny-shakespeare.txt');
const windowLength = 128;

// SwiftShader is slow: what this tests beyond the kernels is arithmetic on the host.
describe.skipIf(testProfile.compileOnly || testProfile.subset)('the shipped model', () => {
  let opened: TestDevice;
  let source: OpenedModel<LanguageTasks>;
  let tokenizer: TextTokenizer;
  beforeAll(async () => {
    opened = await openTestDevice();
    const folder = await openModelFolderAt(fileURLToPath(new URL('models/shakespeare-1m', root)));
    source = await openModel(folder, { architectures: [llama] });
    tokenizer = await source.text.tokenizer();
  });
  afterAll(() => opened.dispose());

  const compress = (recipe: Recipe, windows: number[][] = []): ReturnType<typeof compressModel> =>
    compressModel(opened.device, source.model, source.weights, recipe, { codecs: weightCodecs, windows });

  test('takes the bits that the formats promise', async () => {
    const bits = async (recipe: Recipe): Promise<number> => (await compress(recipe)).report.bitsPerWeight;
    expect(await bits(cast('f16'))).toBe(16);
    expect(await bits(rtn(integerQuantizer({ bits: 8 })))).toBe(8.5);
    expect(await bits(rtn(integerQuantizer({ bits: 4 })))).toBeLessThanOrEqual(5);
    expect(await bits(compose(magnitude(), rtn(integerQuantizer({ bits: 4 }))))).toBeLessThanOrEqual(3.6);
  });

  test('hears progress, and stops when it is told to', async () => {
    const seen: string[] = [];
    const controller = new AbortController();
    const running = compressModel(
      opened.device,
      source.model,
      source.weights,
      rtn(integerQuantizer({ bits: 4 })),
      {
        codecs: weightCodecs,
        signal: controller.signal,
        onProgress: ({ done, total, layer }) => {
          seen.push(`${done}/${total} ${layer.name}`);
          if (done === 3) controller.abort();
        },
      },
    );
    const error = await running.catch((reason: unknown) => reason);
    expect(isTilewrightError(error) && error.code).toBe('aborted');
    expect(seen.length).toBe(3);
    expect(seen[0]).toBe('1/42 model.layers.0.self_attn.q_proj.weight');
  });

  test('SmoothQuant changes weights and norms, and leaves the model what it was', async () => {
    const window = Array.from({ length: 32 }, (_, i) => (37 * i + 5) % 1024);
    const logitsOf = async (weights: StateDict): Promise<Float32Array> => {
      const loaded = await loadLanguageModel(opened.device, { ...source, weights }, { buckets: [], scoring });
      const { logits } = await score(loaded, window, { logits: true });
      loaded.dispose();
      return logits!;
    };
    const { weights } = await compress(smoothQuant(), [window]);
    for (const name of ['model.layers.3.input_layernorm.weight', 'model.layers.3.self_attn.q_proj.weight'])
      expect(weights.get(name)).not.toBe(source.weights.get(name));
    const [before, after] = [await logitsOf(source.weights), await logitsOf(weights)];
    const largest = before.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const worst = before.reduce((most, value, i) => Math.max(most, Math.abs(value - after[i]!)), 0);
    expect(worst / largest).toBeLessThan(2e-5);
  });

  test('asks for text where a recipe needs it', async () => {
    const error = await compress(gptq(integerQuantizer({ bits: 4, scale: 'search' }))).catch(
      (reason: unknown) => reason,
    );
    expect((error as Error).message).toBe(
      '[int4-gptq] there is no text to calibrate on; this recipe needs the inputs of every layer. ' +
        'Fix: give windows of tokens, of a text or of what the model writes itself.',
    );
  });

  // The text is public data that lies beside the repository, not in it.
  describe.skipIf(!existsSync(textFile))(
    `on its text${existsSync(textFile) ? '' : ` (${textFile} is not here)`}`,
    () => {
      const lossOf = async (weights: StateDict, most: number): Promise<number> => {
        const text = readFileSync(textFile, 'utf8');
        const tokens = tokenizer.encode(text.slice(Math.floor(0.9 * text.length)));
        const model = await loadLanguageModel(
          opened.device,
          { ...source, weights },
          {
            buckets: [],
            scoring,
          },
        );
        const loss = await meanLoss(model, windowsOf(tokens, windowLength, most));
        model.dispose();
        return loss;
      };
      const calibration = (): number[][] => {
        const text = readFileSync(textFile, 'utf8').slice(0, 100_000);
        return Array.from({ length: 16 }, (_, i) =>
          tokenizer.encode(text.slice(6000 * i, 6000 * i + 2000)).slice(0, windowLength),
        );
      };

      test('loses on all held-out windows what its makers measured', async () => {
        expect(Math.abs((await lossOf(source.weights, Infinity)) - 3.2734)).toBeLessThan(0.002);
      }, 600_000);

      test('better recipes lose less', async () => {
        const windows = calibration();
        const lost = async (recipe: Recipe): Promise<number> =>
          lossOf((await compress(recipe, windows)).weights, 32);
        const half = { pattern: { sparsity: 0.5 } } as const;
        for (const bits of [4, 3] as const)
          expect(await lost(gptq(integerQuantizer({ bits, scale: 'search' }))), `${bits} bits`).toBeLessThan(
            await lost(rtn(integerQuantizer({ bits }))),
          );
        const [small, weighted, solved] = [
          await lost(magnitude()),
          await lost(wanda()),
          await lost(sparseGpt()),
        ];
        expect(weighted).toBeLessThan(small);
        expect(solved).toBeLessThan(weighted);
        expect(await lost(sparseGpt(half))).toBeLessThan(await lost(magnitude(half)));
      }, 600_000);
    },
  );
});
