// Channels that change places, on the device under test: the model computes what it did.
import { channelSites } from '@tilewright/compression';
import { unpack } from '@tilewright/kernels/weights';
import { denseCodec } from '@tilewright/kernels/weights/dense';
import { permuteChannels } from '@tilewright/prune';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { describe, expect, test } from 'vitest';
import { languageArchitectures } from '../architectures/registry.ts';
import { openModel, type OpenedModel } from '../open-model.ts';
import { loadLanguageModel } from '../tasks/language-model.ts';
import type { LanguageTasks } from '../tasks/language-tasks.ts';
import { score } from '../tasks/score.ts';
import { scoring } from '../tasks/scoring.ts';
import { tinySource } from '../test/tiny-model.ts';
import { tinyDeltaNet, tinyMamba2, tinyRecurrentSource } from '../test/tiny-recurrent.ts';
import { compressModel } from './compress.ts';

const tokens = Array.from({ length: 19 }, (_, i) => (i * i * 7 + 3 * i) % 29);
const options = { architectures: languageArchitectures, strict: true, maxTokens: 24 };
const neurons = (layer: number): object => ({
  size: expect.any(Number),
  columns: [`model.layers.${layer}.mlp.down_proj.weight`],
  rows: [`model.layers.${layer}.mlp.up_proj.weight`, `model.layers.${layer}.mlp.gate_proj.weight`],
  gains: [],
});

describe.skipIf(testProfile.compileOnly)('channels', () => {
  test.each([
    ['llama', () => tinySource()],
    ['gated-deltanet', () => tinyRecurrentSource(tinyDeltaNet)],
  ])('%s: neurons change places, and logits stay', async (_, source) => {
    const model: OpenedModel<LanguageTasks> = await openModel(await source(), options);
    const sites = channelSites(model.model.graph).map((site) => ({
      ...site,
      rows: site.rows.toSorted().toReversed(),
    }));
    expect(sites).toEqual([0, 1].map(neurons));
    const { device, dispose } = await openTestDevice();
    const logitsOf = async (weights: OpenedModel['weights']): Promise<Float32Array> => {
      const loaded = await loadLanguageModel(device, { model: model.model, weights }, { scoring });
      const { logits } = await score(loaded, tokens, { logits: true });
      loaded.dispose();
      return logits!;
    };
    const codecs = [denseCodec];
    const windows = [tokens, tokens.toReversed()];
    const { weights } = await compressModel(device, model.model, model.weights, permuteChannels(), {
      codecs,
      windows,
    });
    const changed = [...weights].filter(([name, tensor]) => tensor !== model.weights.get(name));
    expect(changed.map(([name]) => name.replace(/.*mlp\./, '')).toSorted()).toEqual([
      ...Array<string>(2).fill('down_proj.weight'),
      ...Array<string>(2).fill('gate_proj.weight'),
      ...Array<string>(2).fill('up_proj.weight'),
    ]);
    // The same numbers in other places.
    for (const [name, tensor] of changed) {
      const before = unpack(model.weights.get(name)!, codecs);
      const after = unpack(tensor, codecs);
      expect(after).not.toEqual(before);
      expect(after.toSorted()).toEqual(before.toSorted());
    }
    const [want, got] = [await logitsOf(model.weights), await logitsOf(weights)];
    const largest = want.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    // Sums in another order: see recurrent.test.ts.
    expect(Math.max(...want.map((value, i) => Math.abs(got[i]! - value) / largest))).toBeLessThan(1e-5);
    dispose();
  });

  test('a mixer between two products tells columns apart', async () => {
    const model = await openModel(await tinyRecurrentSource(tinyMamba2), options);
    expect(channelSites(model.model.graph)).toEqual([]);
  });
});
