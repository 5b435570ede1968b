import { memoryFiles, type ModelSource, openModelFolder, writeSafetensors } from '@tilewright/formats';
import { isTilewrightError } from '@tilewright/kernels';
import { describe, expect, it } from 'vitest';
import { generationDefaults, withDefaults } from './generation-config.ts';

const source = (config: object, generation?: object): Promise<ModelSource> => {
  const text = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  return openModelFolder(
    memoryFiles(
      new Map([
        ['config.json', text(config)],
        ...(generation ? ([['generation_config.json', text(generation)]] as const) : []),
        ['model.safetensors', writeSafetensors(new Map())],
      ]),
    ),
  );
};

async function refusal(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (isTilewrightError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing was refused';
}

describe('generationDefaults', () => {
  it('takes token ids from generation_config.json, else from config.json', async () => {
    const config = { bos_token_id: 1, eos_token_id: [2, 3] };
    expect(generationDefaults(await source(config))).toMatchObject({ startTokens: [1], stopTokens: [2, 3] });
    expect(generationDefaults(await source(config, { eos_token_id: 5 }))).toMatchObject({
      startTokens: [1],
      stopTokens: [5],
    });
    expect(generationDefaults(await source({ bos_token_id: null }))).toMatchObject({
      startTokens: [],
      stopTokens: [],
    });
  });

  it('refuses ids that are none', async () => {
    const wrong = await source({ eos_token_id: [1, -2] });
    expect(await refusal(() => generationDefaults(wrong))).toBe(
      'bad-model: [config.json] eos_token_id is [1, -2]; it must be a token id (a whole number from 0) or a list of them. ' +
        'Fix: compare the file with the one that was published.',
    );
  });

  it('names what generation does not do, unless it does nothing', async () => {
    const said = {
      repetition_penalty: 1.1,
      num_beams: 1,
      min_p: 0.05,
      do_sample: true,
      early_stopping: false,
    };
    expect(generationDefaults(await source({}, said)).warnings).toEqual([
      'generation_config.json has repetition_penalty, min_p, which generation here does not do',
    ]);
    expect(generationDefaults(await source({}, { repetition_penalty: 1 })).warnings).toEqual([]);
    const positions = { max_position_embeddings: 64 };
    const lengths = async (said: object) => generationDefaults(await source(positions, said)).warnings;
    expect(await lengths({ max_length: 64 })).toEqual([]);
    expect(await lengths({ max_length: 20, max_new_tokens: 9 })).toEqual([]);
    expect(await lengths({ max_length: 63 })).toEqual([
      'generation_config.json has max_length, which generation here does not do',
    ]);
  });

  it('names token ids beyond the vocabulary', async () => {
    const size = { vocab_size: 8, bos_token_id: 8 };
    expect(generationDefaults(await source(size, { eos_token_id: [7, 9] })).warnings).toEqual([
      'bos_token_id names token 8, and vocab_size is 8',
      'eos_token_id names token 9, and vocab_size is 8',
    ]);
    expect(generationDefaults(await source(size, { eos_token_id: [7, 9] })).stopTokens).toEqual([7]);
    expect(generationDefaults(await source(size, { bos_token_id: 0, eos_token_id: 7 })).warnings).toEqual([]);
  });
});

describe('withDefaults', () => {
  const defaults = async (said: object) => generationDefaults(await source({ eos_token_id: 9 }, said));

  it('samples as the makers do, where nothing else is asked for', async () => {
    const said = { do_sample: true, temperature: 0.6, top_k: 50, top_p: 0.9, max_new_tokens: 7 };
    expect(withDefaults(await defaults(said), { seed: 3 })).toEqual({
      temperature: 0.6,
      topK: 50,
      topP: 0.9,
      maxTokens: 7,
      seed: 3,
      stopTokens: [9],
    });
    expect(withDefaults(await defaults({ temperature: 0.6 }), {})).toMatchObject({ temperature: 0 });
    expect(withDefaults(await defaults({ do_sample: true }), {})).toMatchObject({ temperature: 1, topP: 1 });
    expect(
      withDefaults(await defaults(said), { temperature: 0, topK: 3, topP: 1, maxTokens: 2 }),
    ).toMatchObject({
      temperature: 0,
      topK: 3,
      topP: 1,
      maxTokens: 2,
    });
  });

  it.each([0, -1])('reads a top_k of %d as no limit', async (top_k) => {
    expect(withDefaults(await defaults({ do_sample: true, top_k }), {}).topK).toBe(0);
  });

  it.each([
    [
      'topP',
      { do_sample: true, top_p: 1.5 },
      'top_p is 1.5; a probability is at most 1. Fix: correct the file, or say otherwise (topP, --top-p).',
    ],
    [
      'temperature',
      { do_sample: true, temperature: -1 },
      'temperature is -1; it must be a number above 0. Fix: compare the file with the one that was published.',
    ],
    [
      'topK',
      { do_sample: true, top_k: 2.5 },
      'top_k is 2.5; it must be a whole number from 1 to 16777216. Fix: compare the file with the one that was published.',
    ],
  ] as const)('refuses a wrong %s of the file, unless the caller says it', async (option, said, message) => {
    const wrong = await defaults(said);
    expect(await refusal(() => withDefaults(wrong, {}))).toBe(
      `bad-model: [generation_config.json] ${message}`,
    );
    expect(withDefaults(wrong, { [option]: 1 })[option]).toBe(1);
    expect(withDefaults(wrong, { temperature: 0 })).toMatchObject({ temperature: 0, topK: 0, topP: 1 });
  });
});
