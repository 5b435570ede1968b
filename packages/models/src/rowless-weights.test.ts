// Weights whose groups run on from row to row cannot be reordered or joined: a model computes the same with them as with their numbers.
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { unpack } from '@tilewright/kernels/weights';
import { packF32 } from '@tilewright/kernels/weights/dense';
import { roundedWeight, weightCodecs } from '@tilewright/kernels/weights/registry';
import { fp4 } from '@tilewright/kernels/weights/fp4';
import { integer } from '@tilewright/kernels/weights/integer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { llama, loadLanguageModel, openModel, score, scoring } from './index.ts';
import { tinySource } from './test/tiny-model.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened?.dispose());

test
  .skipIf(testProfile.compileOnly)
  .each([
    fp4({ group: 50, scale: 'f32', places: 'flat' }),
    integer({ bits: 4, group: 32, zeroPoint: true, places: 'indexed' }),
  ])('$name', async (format) => {
  const model = await openModel(await tinySource(), { architectures: [llama], onWarning: () => {} });
  const logitsOf = async (isDense: boolean): Promise<Float32Array> => {
    const weights = new Map(
      [...model.weights].map(([name, tensor]) => {
        if (tensor.shape.length !== 2) return [name, tensor];
        const rounded = roundedWeight(format, unpack(tensor, weightCodecs), tensor.shape);
        return [name, isDense ? packF32(unpack(rounded, weightCodecs), tensor.shape) : rounded];
      }),
    );
    const loaded = await loadLanguageModel(opened.device, { ...model, weights }, { scoring });
    const { logits } = await score(loaded, [1, 2, 3, 5], { logits: true });
    loaded.dispose();
    return logits as Float32Array;
  };
  const [got, want] = [await logitsOf(false), await logitsOf(true)];
  const largest = Math.max(...want.map(Math.abs));
  expect(largest).toBeGreaterThan(0.01);
  expect(Math.max(...want.map((value, i) => Math.abs(value - got[i]!))) / largest).toBeLessThan(4e-5);
});
