// A language model whose mixer is a recurrence instead of attention, as somebody outside the house would write it: an architecture
// of its own over the blocks, opened, scored and generated from like any other.
import { memoryFiles, type ModelSource, openModelFolder, writeSafetensors } from '@tilewright/formats';
import { meanings } from '@tilewright/graph/registry';
import { type HostTensor, normalNumbers } from '@tilewright/kernels';
import { packDense } from '@tilewright/kernels/weights/dense';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { interpret } from '../../../graph/src/oracle/interpret.ts';
import { type Architecture, defineArchitecture } from '../architectures/architecture.ts';
import { claimOf } from '../architectures/claims.ts';
import { configFields, unreadWarnings } from '../architectures/config-fields.ts';
import { publishedNames } from '../architectures/stored-names.ts';
import { type OpenedModel, openModel } from '../open-model.ts';
import { generateTokens, sequenceFrom } from '../tasks/generate.ts';
import { type LanguageModel, loadLanguageModel, type LoadOptions } from '../tasks/language-model.ts';
import type { LanguageTasks } from '../tasks/language-tasks.ts';
import { score } from '../tasks/score.ts';
import { scoring } from '../tasks/scoring.ts';
import { decoderBuilder } from './decoder-builder.ts';
import { gatedMlp } from './gated-mlp.ts';
import { minGru } from './min-gru.ts';
import { preNormDecoder } from './pre-norm-decoder.ts';

const minGruModel: Architecture<LanguageTasks> = defineArchitecture(
  claimOf('min_gru', ['MinGruForCausalLM']),
  {
    stored: { 'hugging-face': publishedNames },
    read(json, subject) {
      const fields = configFields(json, subject);
      const size = (from: string) => ({ size: fields.size(from), from });
      const [hidden, inner, vocabulary] = [size('hidden_size'), size('state_size'), size('vocab_size')];
      const mlp = size('intermediate_size');
      const layers = fields.size('num_hidden_layers');
      const context = { size: 4096, from: 'a recurrence has no limit' };
      return {
        context,
        warnings: unreadWarnings(fields),
        build: (options) =>
          preNormDecoder(decoderBuilder(context, options), {
            hidden,
            vocabulary,
            layers,
            epsilon: 1e-6,
            mixer: minGru({ hidden, inner, bias: undefined }),
            feedForward: gatedMlp({ hidden, inner: mlp, bias: undefined }),
            tied: false,
          }),
      };
    },
  },
);

const config = {
  architectures: ['MinGruForCausalLM'],
  hidden_size: 16,
  state_size: 20,
  intermediate_size: 24,
  num_hidden_layers: 2,
  vocab_size: 29,
};

function source(): Promise<ModelSource> {
  const state = new Map<string, HostTensor>();
  const add = (name: string, ...shape: number[]): void => {
    const count = shape.reduce((product, each) => product * each, 1);
    state.set(`${name}.weight`, packDense(normalNumbers(count, state.size + 1), shape, 'f32'));
  };
  add('model.embed_tokens', 29, 16);
  for (const name of ['model.layers.0', 'model.layers.1']) {
    add(`${name}.input_layernorm`, 16);
    add(`${name}.self_attn.z_proj`, 20, 16);
    add(`${name}.self_attn.h_proj`, 20, 16);
    add(`${name}.self_attn.o_proj`, 16, 20);
    add(`${name}.post_attention_layernorm`, 16);
    add(`${name}.mlp.gate_proj`, 24, 16);
    add(`${name}.mlp.up_proj`, 24, 16);
    add(`${name}.mlp.down_proj`, 16, 24);
  }
  add('model.norm', 16);
  add('lm_head', 29, 16);
  const files = new Map([
    ['config.json', new TextEncoder().encode(JSON.stringify(config))],
    ['model.safetensors', writeSafetensors(state)],
  ]);
  return openModelFolder(memoryFiles(files, 'tiny'));
}

describe.skipIf(testProfile.compileOnly)('a decoder with a recurrence for a mixer', () => {
  let opened: TestDevice;
  let prepared: OpenedModel<LanguageTasks>;
  const models: LanguageModel[] = [];
  const tokens = Array.from({ length: 37 }, (_, i) => (i * i * 7 + 3 * i) % 29);
  beforeAll(async () => {
    opened = await openTestDevice();
    prepared = await openModel(await source(), { architectures: [minGruModel], maxTokens: 64 });
  });
  afterAll(() => {
    for (const model of models) model.dispose();
    opened?.dispose();
  });

  const load = async (options: LoadOptions): Promise<LanguageModel> => {
    const model = await loadLanguageModel(opened.device, prepared, options);
    models.push(model);
    return model;
  };
  const generate = async (model: LanguageModel, prompt = tokens): Promise<number[]> => {
    const written: number[] = [];
    for await (const token of generateTokens(model, prompt, { maxTokens: 12 })) written.push(token);
    return written;
  };
  const meant = (text: readonly number[]) =>
    interpret(
      meanings,
      scoring(prepared.model.graph, prepared.model.tasks.score),
      prepared.weights,
      { ids: text, sequences: sequenceFrom(0, text.length), targets: text },
      { tokens: text.length, keys: text.length },
    );

  test('scores as f64 does, and again from the beginning', async () => {
    const model = await load({ scoring });
    const want = Array.from(meant(tokens)[model.tasks.score.loss]!);
    for (const _ of ['first', 'again']) {
      const { losses } = await score(model, tokens, { targets: tokens });
      losses.forEach((loss, i) => expect(Math.abs(loss - want[i]!)).toBeLessThan(1e-4 * (1 + want[i]!)));
    }
  });

  test('writes the same after a prompt read at once, in chunks, and token by token', async () => {
    const whole = await load({ buckets: [64] });
    const first = await generate(whole);
    const likeliest = meant([...tokens, ...first])[prepared.model.tasks.score.argmax]!;
    expect(first).toEqual(Array.from(likeliest).slice(tokens.length - 1, -1));
    expect(await generate(whole)).toEqual(first);
    expect(await generate(await load({ buckets: [5, 16] }))).toEqual(first);
    expect(await generate(await load({ buckets: [] }))).toEqual(first);
    // Another text in between leaves nothing behind.
    expect(await generate(whole, tokens.slice(3, 20))).not.toEqual(first);
    expect(await generate(whole)).toEqual(first);
  });

  test('has a state of one number for each channel and layer, however long the text', () => {
    const { states, values } = prepared.model.graph;
    expect(Object.keys(states)).toEqual(['state.0', 'state.1']);
    for (const { initial } of Object.values(states)) expect(values[initial]!.shape).toEqual([1, 20]);
  });
});
