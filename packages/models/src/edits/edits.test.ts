// Edits on the device under test: what was removed physically is what a mask would have left out, and opens by its config alone.
import type { ModelSource } from '@tilewright/formats';
import type { HostTensor } from '@tilewright/kernels';
import { unpack } from '@tilewright/kernels/weights';
import { denseCodec, packDense, packF32 } from '@tilewright/kernels/weights/dense';
import { messageOf } from '@tilewright/tooling/message-of';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { languageArchitectures } from '../architectures/registry.ts';
import { openModel, type OpenedModel } from '../open-model.ts';
import { loadLanguageModel } from '../tasks/language-model.ts';
import type { LanguageTasks } from '../tasks/language-tasks.ts';
import { score } from '../tasks/score.ts';
import { scoring } from '../tasks/scoring.ts';
import { tinySource } from '../test/tiny-model.ts';
import { tinyQwen3Source } from '../test/tiny-qwen3.ts';
import {
  tinyDeltaNet,
  tinyMamba,
  tinyMamba2,
  tinyQwen3Next,
  tinyRecurrentSource,
} from '../test/tiny-recurrent.ts';
import { dropHeads } from './drop-heads.ts';
import { dropLayers } from './drop-layers.ts';
import { dropNeurons } from './drop-neurons.ts';
import { editModel, type ModelEdit } from './edit.ts';
import { untie } from './untie.ts';

const tokens = Array.from({ length: 19 }, (_, i) => (i * i * 7 + 3 * i) % 29);
const windows = [tokens, tokens.toReversed()];
const codecs = [denseCodec];
type Opened = OpenedModel<LanguageTasks>;
const open = (source: ModelSource): Promise<Opened> =>
  openModel(source, { architectures: languageArchitectures, strict: true, maxTokens: 24 });

describe.skipIf(testProfile.compileOnly)('edits', () => {
  let opened: TestDevice;
  beforeAll(async () => void (opened = await openTestDevice()));
  afterAll(() => opened.dispose());

  const edited = async (
    source: ModelSource,
    ...edits: readonly ModelEdit[]
  ): Promise<{ before: Opened; after: Opened; config: object }> => {
    const before = await open(source);
    const { opened: after, config } = await editModel(opened.device, source, before, edits, {
      windows,
      codecs,
      open,
    });
    return { before, after, config };
  };
  const logitsOf = async ({ model }: Opened, weights: Opened['weights']): Promise<Float32Array> => {
    const loaded = await loadLanguageModel(opened.device, { model, weights }, { scoring });
    const { logits } = await score(loaded, tokens, { logits: true });
    loaded.dispose();
    return logits!;
  };
  /** Logits of both, and that they differ from those of the model as it was. */
  const expectSame = async (after: Opened, before: Opened, masked: Opened['weights']): Promise<void> => {
    const [got, want, dense] = [
      await logitsOf(after, after.weights),
      await logitsOf(before, masked),
      await logitsOf(before, before.weights),
    ];
    const largest = want.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const distance = (a: Float32Array): number =>
      Math.max(...want.map((value, i) => Math.abs(a[i]! - value) / largest));
    // Sums of fewer terms: see recurrent.test.ts.
    expect(distance(got)).toBeLessThan(1e-5);
    expect(distance(dense)).toBeGreaterThan(1e-3);
  };
  /** Columns of `[rows, columns]` back in their places, zeros elsewhere. */
  const spread = (tensor: HostTensor, kept: readonly number[], columns: number): HostTensor => {
    const values = unpack(tensor, codecs);
    const [rows] = tensor.shape as [number];
    const full = new Float32Array(rows * columns);
    for (let row = 0; row < rows; row++)
      kept.forEach((column, i) => (full[row * columns + column] = values[row * kept.length + i]!));
    return packF32(full, [rows, columns]);
  };
  /** Which rows of a weight another one has. */
  const keptRows = (all: HostTensor, some: HostTensor): number[] => {
    const width = all.shape[1]!;
    const rowsOf = (tensor: HostTensor): string[] =>
      Array.from({ length: tensor.shape[0]! }, (_, r) =>
        unpack(tensor, codecs)
          .subarray(r * width, (r + 1) * width)
          .join(),
      );
    const rows = rowsOf(all);
    return rowsOf(some).map((row) => rows.indexOf(row));
  };

  test.each([
    ['llama', () => tinySource(), 24, 18],
    ['qwen3', () => tinyQwen3Source(), 28, 21],
    ['gated-deltanet', () => tinyRecurrentSource(tinyDeltaNet), 28, 21],
    ['qwen3-next', () => tinyRecurrentSource(tinyQwen3Next), 28, 21],
  ])('%s: neurons that went are neurons that are zero', async (_, source, size, left) => {
    const { before, after, config } = await edited(await source(), dropNeurons({ part: 0.25 }));
    expect(config).toEqual({ intermediate_size: left });
    const masked = new Map(before.weights);
    for (const layer of [0, 1]) {
      const name = (part: string): string => `model.layers.${layer}.mlp.${part}_proj.weight`;
      const kept = keptRows(before.weights.get(name('gate'))!, after.weights.get(name('gate'))!);
      expect(kept).toHaveLength(left);
      expect(kept).toEqual(keptRows(before.weights.get(name('up'))!, after.weights.get(name('up'))!));
      masked.set(name('down'), spread(after.weights.get(name('down'))!, kept, size));
    }
    await expectSame(after, before, masked);
  });

  test.each([
    ['qwen3', () => tinyQwen3Source(), 8, 32],
    [
      'llama of two key heads',
      () => {
        const wide = (layer: number, part: string): [string, HostTensor] => [
          `model.layers.${layer}.self_attn.${part}_proj.weight`,
          packDense(
            Float32Array.from({ length: 256 }, (_, i) => Math.sin(i * 3 + layer + part.length * 7)),
            [16, 16],
            'f32',
          ),
        ];
        return tinySource({
          config: { num_key_value_heads: 2 },
          tensors: Object.fromEntries([0, 1].flatMap((layer) => [wide(layer, 'k'), wide(layer, 'v')])),
        });
      },
      8,
      16,
    ],
  ])('%s: heads that went are heads that are zero', async (_, source, size, columns) => {
    const { before, after, config } = await edited(await source(), dropHeads({ count: 1 }));
    const share = columns / size / 2;
    expect(config).toEqual({ num_attention_heads: share, num_key_value_heads: 1, head_dim: size });
    const masked = new Map(before.weights);
    for (const layer of [0, 1]) {
      const name = (part: string): string => `model.layers.${layer}.self_attn.${part}_proj.weight`;
      const kept = keptRows(before.weights.get(name('q'))!, after.weights.get(name('q'))!);
      expect(kept).toHaveLength(share * size);
      const keptValues = keptRows(before.weights.get(name('v'))!, after.weights.get(name('v'))!);
      expect(keptValues[0]! / size).toBe(kept[0]! / (share * size));
      masked.set(name('o'), spread(after.weights.get(name('o'))!, kept, columns));
    }
    await expectSame(after, before, masked);
  });

  test.each([
    ['llama', () => tinySource(), ['self_attn.o_proj', 'mlp.down_proj'], {}],
    [
      'qwen3',
      () => tinyQwen3Source(),
      ['self_attn.o_proj', 'mlp.down_proj'],
      { layer_types: ['full_attention'] },
    ],
    ['mamba', () => tinyRecurrentSource(tinyMamba), ['mixer.out_proj'], {}],
    ['mamba2', () => tinyRecurrentSource(tinyMamba2), ['mixer.out_proj'], {}],
  ])('%s: a layer that went is a layer that adds nothing', async (_, source, writers, more) => {
    const { before, after, config } = await edited(await source(), dropLayers({ count: 1 }));
    expect(config).toEqual({ num_hidden_layers: 1, ...more });
    const matches = await Promise.all(
      [0, 1].map(async (dropped) => {
        const masked = new Map(before.weights);
        for (const [name, tensor] of masked)
          if (name.includes(`layers.${dropped}.`) && writers.some((writer) => name.includes(writer)))
            masked.set(name, packF32(new Float32Array(unpack(tensor, codecs).length), tensor.shape));
        return masked;
      }),
    );
    const losses = [];
    for (const masked of matches) {
      const loaded = await loadLanguageModel(
        opened.device,
        { model: before.model, weights: masked },
        { scoring },
      );
      let loss = 0;
      for (const window of windows) {
        const scores = await score(loaded, window.slice(0, -1), { targets: window.slice(1) });
        loss += scores.losses.reduce((sum, value) => sum + value, 0);
      }
      losses.push(loss);
      loaded.dispose();
    }
    // The one without which the model loses least.
    await expectSame(after, before, matches[losses[0]! < losses[1]! ? 0 : 1]!);
  });

  test('a head of its own computes what the embedding did', async () => {
    const { before, after, config } = await edited(await tinyQwen3Source(), untie());
    expect(config).toEqual({ tie_word_embeddings: false });
    const want = await logitsOf(before, before.weights);
    const got = await logitsOf(after, after.weights);
    // The gain of the last norm is multiplied in another order.
    expect(Math.max(...want.map((value, i) => Math.abs(got[i]! - value)))).toBeLessThan(1e-5);
    // The gain of the last norm goes into it.
    expect(new Set(unpack(after.weights.get('model.norm.weight')!, codecs))).toEqual(new Set([1]));
  });

  test('edits follow each other, and each field of the config is that of the last', async () => {
    const { after, config } = await edited(
      await tinySource(),
      dropLayers({ count: 1 }),
      dropNeurons({ part: 0.5 }),
      dropNeurons({ part: 0.5 }),
    );
    expect(config).toEqual({ num_hidden_layers: 1, intermediate_size: 6 });
    expect(after.model.blocks).toHaveLength(1);
    expect(after.weights.get('model.layers.0.mlp.down_proj.weight')!.shape).toEqual([16, 6]);
  });

  test.each<[string, () => Promise<ModelSource>, ModelEdit, string]>([
    [
      'no heads',
      () => tinyRecurrentSource(tinyMamba2),
      dropHeads({ count: 1 }),
      '[drop heads] the model has no attention to a cache; its heads are dropped. Fix: leave this step out.',
    ],
    [
      'the last head',
      () => tinySource(),
      dropHeads({ count: 1 }),
      '[drop heads] 1 of 1 key heads would go; one stays at least. Fix: leave this step out, or ask for another number.',
    ],
    [
      'no MLP',
      () => tinyRecurrentSource(tinyMamba),
      dropNeurons({ part: 0.5 }),
      '[drop neurons] the model has no MLP; one number in config.json says how many there are. Fix: leave this step out, or ask for another number.',
    ],
    [
      'all layers',
      () => tinySource(),
      dropLayers({ count: 2 }),
      '[drop layers] 2 of 2 layers would go; one stays at least. Fix: leave this step out, or ask for another number.',
    ],
    [
      'layers of two kinds',
      () => tinyRecurrentSource(tinyQwen3Next),
      dropLayers({ count: 1 }),
      '[drop layers] layer 1 is not of the kind of layer 0; what is left takes the places of the first layers. Fix: leave this step out, or ask for another number.',
    ],
    [
      'a head of its own',
      () => tinySource(),
      untie(),
      '[untie] the head has a weight of its own; this step gives it one. Fix: leave this step out.',
    ],
  ])('%s: refused by name', async (_, source, edit, message) => {
    await expect(edited(await source(), edit)).rejects.toThrow(message);
  });
});

test('options out of range', () => {
  expect(messageOf(() => dropNeurons({ part: 1 }))).toContain('a number above 0 and below 1');
  expect(messageOf(() => dropHeads({ count: 0 }))).toContain('count');
  expect(messageOf(() => dropLayers({ count: 0.5 }))).toContain('count');
});
