import { scoring } from './scoring.ts';
import { isTilewrightError, type HostTensor } from '@tilewright/kernels';
import { packDense } from '@tilewright/kernels/weights/dense';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { llama } from '../architectures/llama/index.ts';
import { openModel } from '../open-model.ts';
import { tinySource } from '../test/tiny-model.ts';
import { findNonFinite } from './find-non-finite.ts';
import { generateTokens } from './generate.ts';
import { type LanguageModel, loadLanguageModel } from './language-model.ts';
import { score } from './score.ts';

const filled = (value: number, ...shape: number[]): HostTensor =>
  packDense(new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(value), shape, 'f32');

describe.skipIf(testProfile.compileOnly)('numbers that stop being numbers', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened.dispose());

  const load = async (tensors: Readonly<Record<string, HostTensor>>) => {
    const source = await openModel(await tinySource({ tensors }), { architectures: [llama] });
    const model = await loadLanguageModel(opened.device, source, { buckets: [4], scoring });
    return { source, model };
  };
  const failure = async (work: () => Promise<unknown>): Promise<string> => {
    const error: unknown = await work().catch((reason: unknown) => reason);
    return isTilewrightError(error) ? `${error.code}: ${error.message}` : String(error);
  };
  const written = async (model: LanguageModel): Promise<number> => {
    let count = 0;
    for await (const _ of generateTokens(model, [3, 4, 5], { maxTokens: 4, temperature: 0.5 })) count++;
    return count;
  };
  test('gains and biases that are stored as f16', async () => {
    const gain = packDense(new Float32Array(16).fill(1), [16], 'f16');
    const { source } = await load({ 'model.norm.weight': gain });
    const weights = new Map(source.weights).set('model.norm.weight', gain);
    expect(await findNonFinite(opened.device, { ...source, weights }, [3, 4])).toBeUndefined();
  });

  const message = (subject: string, position: number, value: string): string =>
    `not-finite: [${subject}] the numbers stop being numbers at position ${position}: ${value} came out; logits are finite ` +
    'wherever the weights and what is made of them are. Fix: find the operator with findNonFinite (generate --check ' +
    'on the command line), and check the weight files.';

  test('none are found in a model that is right', async () => {
    const { source, model } = await load({});
    expect(await written(model)).toBe(4);
    expect(await findNonFinite(opened.device, source, [3, 4, 5])).toBeUndefined();
    model.dispose();
  }, 120_000);

  test('a weight ends generation and scoring, and is found by its published name', async () => {
    const { source, model } = await load({
      'model.layers.1.mlp.down_proj.weight': filled(Number.NaN, 16, 24),
    });
    expect(await failure(() => written(model))).toBe(message('generate', 2, 'NaN'));
    expect(await failure(() => score(model, [3, 4, 5]))).toBe(message('score', 0, 'NaN'));
    expect(await findNonFinite(opened.device, source, [3, 4, 5])).toEqual({
      kind: 'weight',
      name: 'model.layers.1.mlp.down_proj.weight',
      position: null,
      value: Number.NaN,
    });
    // The model is free again.
    expect(await failure(() => written(model))).toBe(message('generate', 2, 'NaN'));
    model.dispose();
  }, 120_000);

  test('an operator that leaves the range of f32 is found by its node', async () => {
    const { source, model } = await load({
      'model.layers.0.mlp.up_proj.weight': filled(3e38, 24, 16),
      'model.layers.0.mlp.down_proj.weight': filled(1, 16, 24),
    });
    expect(await failure(() => written(model))).toMatch(/^not-finite: /);
    const found = await findNonFinite(opened.device, source, [3, 4, 5]);
    expect(found).toMatchObject({ kind: 'operator', position: 0 });
    expect(found!.name).toContain('model.layers.0.mlp');
    expect(Number.isFinite(found!.value)).toBe(false);
    model.dispose();
  }, 120_000);
});
