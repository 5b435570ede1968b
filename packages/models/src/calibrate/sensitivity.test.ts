// What a budget goes by, against what the model loses, on the shipped model and the device under test.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chooseUnderBudget, compressState, linearWeightsOf } from '@tilewright/compression';
import { openModelFolderAt } from '@tilewright/formats/node';
import { integerQuantizer } from '@tilewright/kernels/weights/integer';
import { weightCodecs as codecs } from '@tilewright/kernels/weights/registry';
import { rtn } from '@tilewright/quant';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { describe, expect, test } from 'vitest';
import { llama } from '../architectures/llama/index.ts';
import { openModel } from '../open-model.ts';
import { windowsOf } from '../tasks/windows.ts';
import { chooseForModel, feedOf } from './compress.ts';
import { divergenceOfWeights } from './sensitivity.ts';

const folder = new URL('../../../../models/shakespeare-1m', import.meta.url);

// SwiftShader is slow: what this tests beyond the kernels is arithmetic on the host.
describe.skipIf(testProfile.compileOnly || testProfile.subset)('a budget of the shipped model', () => {
  test('says what the model will lose, and loses less than where all errors count alike', async () => {
    const { device, dispose } = await openTestDevice();
    const { model, weights, text } = await openModel(await openModelFolderAt(fileURLToPath(folder)), {
      architectures: [llama],
      maxTokens: 128,
    });
    const tokenizer = await text.tokenizer();
    const sample = tokenizer.encode(readFileSync(new URL(`${folder.href}/sample.txt`), 'utf8'));
    const windows = windowsOf(sample, 128, 4).map(({ tokens }) => tokens);
    expect(windows).toHaveLength(4);
    const candidates = ([3, 4, 8] as const).map((bits) => rtn(integerQuantizer({ bits })));
    const count = linearWeightsOf(model).reduce(
      (sum, name) => sum + weights.get(name)!.shape.reduce((product, size) => product * size, 1),
      0,
    );
    const bytes = (4 * count) / 8;
    const lost = await divergenceOfWeights(device, model, weights, windows);
    expect(await lost(weights)).toBeLessThan(1e-6);
    const made = async ({ recipe }: Awaited<ReturnType<typeof chooseForModel>>): Promise<number> =>
      lost((await compressState(device, model, weights, recipe, { codecs })).state);
    const chosen = await chooseForModel(device, model, weights, candidates, { codecs, windows, bytes });
    const alike = await chooseUnderBudget(device, model, weights, candidates, {
      codecs,
      bytes,
      feeds: windows.map(feedOf),
    });
    const predicted = chosen.choices.reduce((sum, { harm }) => sum + harm!, 0);
    const [evaluated, evaluatedAlike] = [await made(chosen), await made(alike)];
    // Losses of single weights add up as long as they are small.
    expect(evaluated / predicted).toBeGreaterThan(0.5);
    expect(evaluated / predicted).toBeLessThan(2);
    expect(evaluated).toBeLessThan(evaluatedAlike);
    console.info(
      `divergence: predicted ${predicted}, evaluated ${evaluated}, errors alike ${evaluatedAlike}`,
    );
    dispose();
  }, 240_000);
});
