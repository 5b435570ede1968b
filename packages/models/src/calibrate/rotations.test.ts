// Rotations on the device under test: every architecture that allows them computes what it did, to what f32 rounds.
import { compose, compressState, type Recipe } from '@tilewright/compression';
import type { HostTensor } from '@tilewright/kernels';
import { denseCodec, packDense } from '@tilewright/kernels/weights/dense';
import { rotateHeads, rotateResidual } from '@tilewright/quant';
import { messageOf } from '@tilewright/tooling/message-of';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ModelSource } from '@tilewright/formats';
import { bert } from '../architectures/bert/index.ts';
import { languageArchitectures } from '../architectures/registry.ts';
import { openModel, type OpenedModel } from '../open-model.ts';
import { loadLanguageModel } from '../tasks/language-model.ts';
import type { LanguageTasks } from '../tasks/language-tasks.ts';
import { score } from '../tasks/score.ts';
import { scoring } from '../tasks/scoring.ts';
import { tinyBertSource } from '../test/tiny-bert.ts';
import type { TinyChange } from '../test/tiny-folder.ts';
import { tinySource, tinyState } from '../test/tiny-model.ts';
import { tinyQwen3Source, tinyQwen3State } from '../test/tiny-qwen3.ts';
import {
  tinyDeltaNet,
  tinyMamba,
  tinyMamba2,
  tinyQwen3Next,
  type TinyRecurrent,
  tinyRecurrentSource,
  tinyRecurrentState,
} from '../test/tiny-recurrent.ts';

interface Tiny {
  readonly source: (change: TinyChange) => Promise<ModelSource>;
  readonly state: () => ReadonlyMap<string, HostTensor>;
  readonly config?: object;
  /** Whether its heads turn. */
  readonly heads: boolean;
}

const recurrent = (tiny: TinyRecurrent, heads = false): Tiny => ({
  source: (change) => tinyRecurrentSource(tiny, change),
  state: () => tinyRecurrentState(tiny),
  heads,
});
const asLlama = { source: tinySource, state: tinyState, heads: true };
const qkvBiases = Object.fromEntries(
  [0, 1].flatMap((layer) =>
    [
      ['q', 16],
      ['k', 8],
      ['v', 8],
    ].map(([part, size]) => [
      `model.layers.${layer}.self_attn.${part}_proj.bias`,
      packDense(
        Float32Array.from({ length: Number(size) }, (_, i) => Math.sin(i + layer)),
        [Number(size)],
        'f32',
      ),
    ]),
  ),
);

const tiny: Readonly<Record<string, Tiny & { readonly tensors?: TinyChange['tensors'] }>> = {
  llama: asLlama,
  mistral: {
    ...asLlama,
    config: { architectures: ['MistralForCausalLM'], model_type: 'mistral' },
  },
  'qwen2, biases': {
    ...asLlama,
    config: { architectures: ['Qwen2ForCausalLM'], model_type: 'qwen2' },
    tensors: qkvBiases,
  },
  qwen3: { source: tinyQwen3Source, state: tinyQwen3State, heads: true },
  mamba: recurrent(tinyMamba),
  mamba2: recurrent(tinyMamba2),
  'gated-deltanet': recurrent(tinyDeltaNet),
  'qwen3-next, gains around zero': recurrent(tinyQwen3Next),
};

/** A tiny model whose head is a weight of its own. */
async function openUntied({
  source,
  state,
  config,
  tensors,
}: (typeof tiny)[string]): Promise<OpenedModel<LanguageTasks>> {
  const table = [...state()].find(([name]) => /embed[a-z_]*\.weight$/.test(name))![1];
  const change = {
    'lm_head.weight': state().get('lm_head.weight') ?? table,
    ...tensors,
  };
  return openModel(
    await source({
      config: { ...config, tie_word_embeddings: false },
      tensors: change,
    }),
    {
      architectures: languageArchitectures,
      strict: true,
      maxTokens: 24,
    },
  );
}

const tokens = Array.from({ length: 19 }, (_, i) => (i * i * 7 + 3 * i) % 29);

describe.skipIf(testProfile.compileOnly).each(Object.entries(tiny))('%s', (_, each) => {
  let opened: TestDevice;
  let model: OpenedModel<LanguageTasks>;
  beforeAll(async () => {
    opened = await openTestDevice();
    model = await openUntied(each);
  });
  afterAll(() => opened.dispose());

  const logitsOf = async (weights: OpenedModel['weights']): Promise<Float32Array> => {
    const loaded = await loadLanguageModel(opened.device, { model: model.model, weights }, { scoring });
    try {
      return (await score(loaded, tokens, { logits: true })).logits!;
    } finally {
      loaded.dispose();
    }
  };
  const rotated = async (recipe: Recipe): Promise<OpenedModel['weights']> =>
    (
      await compressState(opened.device, model.model, model.weights, recipe, {
        codecs: [denseCodec],
      })
    ).state;

  test('computes what it did after rotations, in other weights', async () => {
    const want = await logitsOf(model.weights);
    const largest = want.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeGreaterThan(0.1);
    const recipes = [rotateResidual(), rotateResidual({ seed: 7 })];
    if (each.heads) recipes.push(rotateHeads(), compose(rotateResidual(), rotateHeads()));
    for (const recipe of recipes) {
      const weights = await rotated(recipe);
      const changed = [...weights].filter(([name, tensor]) => tensor !== model.weights.get(name));
      expect(changed.length).toBeGreaterThan(3);
      const got = await logitsOf(weights);
      const worst = Math.max(...want.map((value, i) => Math.abs(got[i]! - value) / largest));
      // Twice what these models may be from f64: see recurrent.test.ts.
      expect(worst).toBeLessThan(2e-5);
    }
  });

  if (!each.heads)
    test('says why its heads do not turn', async () => {
      const error = await rotated(rotateHeads()).catch((reason: unknown) => reason);
      expect(String(error)).toMatch(/\[rotate heads\] ('.*' is a Mul|the model has no attention to a cache)/);
    });
});

test('an embedding that is the head, too, stays unless the last gain is ones', async () => {
  const opened = await openTestDevice();
  const model = await openModel(await tinyQwen3Source({}), {
    architectures: languageArchitectures,
  });
  const codecs = [denseCodec];
  const run = compressState(opened.device, model.model, model.weights, rotateResidual(), { codecs });
  await expect(run).rejects.toThrow(
    "[rotate residual] the gain 'model.norm.weight' is not ones, and could not be folded into the weights behind it; a gain of each column does not turn. Fix: begin with untie where the head is the embedding, too; else leave this step out.",
  );
  opened.dispose();
});

test('an encoder with means in its norms is refused by name', async () => {
  const { model, weights } = await openModel(await tinyBertSource(), {
    architectures: [bert],
  });
  const [rewrite] = rotateResidual().rewrites!;
  expect(messageOf(() => [...rewrite!.apply(model, weights, [denseCodec])])).toMatch(
    /^\[rotate residual\] '.*' is a LayerNormalization; numbers that turn are made by a product with a weight\. Fix: leave this step out: the model does not allow it\.$/,
  );
});

test('a rewrite of the whole model stands first', () => {
  expect(messageOf(() => compose(rotatedThen(), rotateHeads()))).toBe(
    "[compose] 'rotate heads' stands behind 'plain'; it changes the whole model, which the other goes through part by part. Fix: put it first.",
  );
});

const rotatedThen = (): Recipe => ({
  name: 'plain',
  stages: [{ statistics: [], rewrite: () => [] }],
});
