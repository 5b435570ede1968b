// The shipped model on the device under test, against the f64 meaning of its graph.
import { fileURLToPath } from 'node:url';
import { openModelFolderAt } from '@tilewright/formats/node';
import { packDense, unpackDense } from '@tilewright/kernels/weights/dense';
import { isTilewrightError } from '@tilewright/kernels';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scoring } from './scoring.ts';
import { meanings } from '@tilewright/graph/registry';
import { interpret } from '../../../graph/src/oracle/interpret.ts';
import { score } from './score.ts';
import { generateTokens, sequenceFrom, readPrompt } from './generate.ts';
import { llama } from '../architectures/llama/index.ts';
import { type OpenedModel, openModel } from '../open-model.ts';
import { type LanguageModel, loadLanguageModel } from './language-model.ts';
import type { LanguageTasks } from './language-tasks.ts';
import { writeText } from './write-text.ts';

const shipped = fileURLToPath(new URL('../../../../models/shakespeare-1m', import.meta.url));
const prompt = [812, 58, 10, 468, 326, 338, 63, 10];

describe.skipIf(testProfile.compileOnly)('the shipped model', () => {
  let opened: TestDevice;
  let source: OpenedModel<LanguageTasks>;
  let model: LanguageModel;
  beforeAll(async () => {
    opened = await openTestDevice();
    source = await openModel(await openModelFolderAt(shipped), { architectures: [llama] });
    const weights = new Map(
      [...source.weights].map(([name, tensor]) => [
        name,
        packDense(unpackDense(tensor), tensor.shape, 'f32'),
      ]),
    );
    model = await loadLanguageModel(opened.device, { ...source, weights }, { scoring });
  }, 240_000);
  afterAll(() => {
    model?.dispose();
    opened?.dispose();
  });

  /** Every output of the graph in f64, for tokens read from an empty context. */
  const exact = (tokens: readonly number[]): Readonly<Record<string, ArrayLike<number>>> =>
    interpret(
      meanings,
      scoring(source.model.graph, source.model.tasks.score),
      source.weights,
      {
        ids: Uint32Array.from(tokens),
        sequences: sequenceFrom(0, tokens.length),
        targets: Uint32Array.from(tokens),
      },
      { tokens: tokens.length, keys: tokens.length },
    );

  const generate = async (options: Parameters<typeof generateTokens>[2]): Promise<number[]> =>
    collect(options);
  const collect = async (options: Parameters<typeof generateTokens>[2]): Promise<number[]> => {
    const tokens: number[] = [];
    for await (const token of generateTokens(model, prompt, options)) tokens.push(token);
    return tokens;
  };

  test('gives the logits of an f64 reference, to 1e-4 of the largest', async () => {
    const tokens = [...prompt, 952, 58, 281, 311, 44, 32, 49, 50, 758, 457, 1022, 0, 5];
    const { logits, argmax, losses } = await score(model, tokens, { logits: true, targets: tokens });
    const want = exact(tokens);
    const wantLogits = want[model.tasks.score.logits]!;
    let [worst, largest] = [0, 0];
    for (let i = 0; i < wantLogits.length; i++) {
      worst = Math.max(worst, Math.abs(logits![i]! - wantLogits[i]!));
      largest = Math.max(largest, Math.abs(wantLogits[i]!));
    }
    expect(logits!.length).toBe(tokens.length * 1024);
    expect(worst / largest).toBeLessThan(1e-5);
    expect([...argmax]).toEqual(Array.from(want[model.tasks.score.argmax]!));
    const wantLosses = want[model.tasks.score.loss]!;
    losses.forEach((loss, i) => expect(Math.abs(loss - wantLosses[i]!)).toBeLessThan(1e-4));
  }, 120_000);

  test('writes at temperature 0 what f64 arithmetic would: the same on every adapter', async () => {
    const tokens = await generate({ maxTokens: 64 });
    expect(tokens.length).toBe(64);
    const likeliest = exact([...prompt, ...tokens])[model.tasks.score.argmax]!;
    expect(tokens).toEqual(Array.from(likeliest).slice(prompt.length - 1, -1));
  }, 120_000);

  test('reading a prompt and decoding equals decoding alone', async () => {
    const together = await generate({ maxTokens: 16 });
    const alone: number[] = [];
    // Token by token from an empty context: the prompt's own tokens are put in the place of what was chosen.
    for (let i = 0; i < prompt.length + together.length - 1; i++) {
      const token = prompt[i] ?? alone.at(-1)!;
      for await (const next of generateFrom(token, i)) alone.push(next);
    }
    expect(alone.slice(prompt.length - 1)).toEqual(together);
  }, 120_000);

  /** One decode step at a position of the context. */
  async function* generateFrom(token: number, position: number): AsyncGenerator<number> {
    model.decode.run(
      { tokens: 1, keys: position + 1, temperature: 0, top_k: 0, top_p: 1, seed: 0, counter: position },
      {
        ids: Uint32Array.of(token),
        sequences: sequenceFrom(position, 1),
      },
    );
    yield (await model.decode.read(model.tasks.decode.token))[0]!;
  }

  test('the same seed writes the same, another seed writes otherwise', async () => {
    const options = { maxTokens: 24, temperature: 1, topK: 40, topP: 0.9 };
    const first = await generate({ ...options, seed: 3 });
    expect(await generate({ ...options, seed: 3 })).toEqual(first);
    expect(await generate({ ...options, seed: 4 })).not.toEqual(first);
  }, 60_000);

  test('a stop token ends it and is given', async () => {
    const free = await generate({ maxTokens: 12 });
    const stop = free[5]!;
    expect(await generate({ maxTokens: 12, stopTokens: [stop] })).toEqual(
      free.slice(0, free.indexOf(stop) + 1),
    );
  }, 60_000);

  test('decodes in at most 8 dispatches per layer and 5 beside, moving little more than it must', () => {
    const { counters } = opened.device;
    const layers = source.model.blocks.length;
    for (const keys of [1, 64, 128]) {
      const before = { ...counters };
      model.decode.run(
        { tokens: 1, keys, temperature: 0, top_k: 0, top_p: 1, seed: 0, counter: 0 },
        { ids: Uint32Array.of(5), sequences: sequenceFrom(keys - 1, 1) },
      );
      expect(counters.dispatches - before.dispatches).toBeLessThanOrEqual(8 * layers + 5);
      expect(counters.buffersCreated).toBe(before.buffersCreated);
      expect(counters.bindGroupsCreated).toBe(before.bindGroupsCreated);
      const weights = [...source.weights].reduce(
        (sum, [, { shape }]) => sum + 4 * shape.reduce((a, b) => a * b, 1),
        0,
      );
      const caches = 2 * layers * keys * 2 * 32 * 4;
      expect((counters.movedBytes - before.movedBytes) / (weights + caches)).toBeLessThan(1.25);
    }
  });

  test('allocates what it planned, and gives it back', async () => {
    const { counters } = opened.device;
    const before = counters.bytesAlive;
    const second = await loadLanguageModel(opened.device, source, {
      buckets: [8, 128],
    });
    expect(counters.bytesAlive - before).toBe(second.plannedBytes);
    expect(second.read.map(({ tokens }) => tokens)).toEqual([8, 128]);
    second.dispose();
    expect(counters.bytesAlive).toBe(before);
  }, 120_000);

  test('a prompt as long as the cache leaves room for one token', async () => {
    const full = Array.from({ length: 128 }, (_, i) => (7 * i) % 1000);
    const tokens: number[] = [];
    for await (const token of generateTokens(model, full)) tokens.push(token);
    expect(tokens).toEqual([Array.from(exact(full)[model.tasks.score.argmax]!).at(-1)]);
  }, 60_000);

  const messageOf = async (run: () => unknown): Promise<string> => {
    try {
      await run();
    } catch (error) {
      if (!isTilewrightError(error)) throw error;
      return `${error.code}: ${error.message}`;
    }
    return 'nothing was thrown';
  };
  const attempt = (
    tokens: readonly number[],
    options: Parameters<typeof generateTokens>[2] = {},
  ): Promise<string> => messageOf(() => generateTokens(model, tokens, options).next());

  test('says what is wrong with a request', async () => {
    expect(await attempt([])).toBe(
      'bad-argument: [generate] the prompt is empty; a model continues at least one token. Fix: begin with the bos token.',
    );
    expect(await attempt(Array.from({ length: 129 }, () => 1))).toBe(
      'bad-argument: [generate] the prompt has 129 tokens; the cache holds 128. Fix: shorten the prompt, or load the model with a larger capacity.',
    );
    expect(await attempt([3, 1024])).toBe(
      'bad-argument: [generate] there is a token 1024; tokens are integers from 0 to 1023. Fix: encode the text with the tokenizer of this model.',
    );
    expect(await attempt([3, undefined as never, 4])).toBe(
      'bad-argument: [generate] there is a token undefined; tokens are integers from 0 to 1023. Fix: encode the text with the tokenizer of this model.',
    );
    expect(await attempt([3], { temperature: -1 })).toBe(
      'bad-argument: [generate] temperature is -1; it must be 0 or more. Fix: use 0 for the likeliest token.',
    );
    expect(await attempt([3], { topP: 0 })).toBe(
      'bad-argument: [generate] topP is 0; it must be above 0 and at most 1. Fix: use 1 for no limit.',
    );
    expect(await attempt([3], { topK: 1.5 })).toBe(
      'bad-argument: [generate] topK is 1.5; it must be a whole number from -1 to 2147483647. Fix: give one.',
    );
    expect(await attempt([3], { topK: 2 ** 31 })).toBe(
      'bad-argument: [generate] topK is 2147483648; it must be a whole number from -1 to 2147483647. Fix: give one.',
    );
    expect(await attempt([3], { maxTokens: -1 })).toBe(
      'bad-argument: [generate] maxTokens is -1; it must be a whole number from 0 to 4294967295. Fix: give one.',
    );
    expect(await attempt([3], { signal: AbortSignal.abort() })).toBe('aborted: [generate] it was aborted.');
    expect(await attempt([3], { stopTokens: [1024] })).toContain(
      '[generate] there is a token 1024; tokens are integers',
    );
  });

  test.each([
    [
      { temperature: '1' },
      'temperature is the string 1; it must be 0 or more. Fix: use 0 for the likeliest token.',
    ],
    [{ topP: true }, 'topP is the boolean true; it must be above 0 and at most 1. Fix: use 1 for no limit.'],
    [
      { maxTokens: '5' },
      'maxTokens is the string 5; it must be a whole number from 0 to 4294967295. Fix: give one.',
    ],
    [{ signal: {} }, 'signal is an object; it must be an AbortSignal. Fix: give an AbortSignal.'],
    [
      null,
      'the argument is null; it must be an object of maxTokens, temperature, topK, topP, seed, stopTokens, start, signal. ',
    ],
  ])('%j is of another kind', async (options, message) => {
    expect(await attempt([3], options as never)).toContain(`bad-argument: [generate] ${message}`);
    const text = { ...model, text: { stopTokens: [], said: new Map() } };
    if (options === null)
      expect(await messageOf(() => writeText(text as never, 'a', options as never).next())).toContain(
        message,
      );
  });

  test.each([
    [{ buckets: 'x' }, "buckets is 'x'; it must be a list, of which each is a positive integer."],
    [{ scoring: true }, 'scoring is true; it must be a function.'],
  ])('a model loaded with %j', async (options, message) => {
    expect(await messageOf(() => loadLanguageModel(opened.device, source, options as never))).toContain(
      `bad-argument: [loadLanguageModel] ${message}`,
    );
  });

  test('refuses options that nobody knows, texts and promises', async () => {
    expect(await attempt([3], { max_tokens: 3 } as never)).toBe(
      "bad-argument: [generate] there is no option 'max_tokens'; known are maxTokens, temperature, topK, topP, seed, " +
        "stopTokens, start, signal. Fix: write 'maxTokens'.",
    );
    expect(await messageOf(() => score(model, [3], { logit: true } as never))).toBe(
      "bad-argument: [score] there is no option 'logit'; known are targets, logits. Fix: write 'logits'.",
    );
    const text = (subject: string): string =>
      `bad-argument: [${subject}] the tokens are a text; they must be a list of whole numbers. ` +
      'Fix: encode the text with the tokenizer of this model, or call writeText.';
    expect(await attempt('ROMEO' as never)).toBe(text('generate'));
    expect(await messageOf(() => score(model, 'ROMEO' as never))).toBe(text('score'));
    const promised = loadLanguageModel(opened.device, source, { buckets: [] });
    const message = (subject: string, said: string, what: string): string =>
      `bad-argument: [${subject}] ${said} a promise; ${what}. Fix: write await in front of it.`;
    const list = 'they must be a list of whole numbers';
    expect(await messageOf(() => generateTokens(promised as never, [3]).next())).toBe(
      message('generate', 'model is', 'it must be what loadLanguageModel gives'),
    );
    expect(await messageOf(() => loadLanguageModel(Promise.resolve(opened.device) as never, source))).toBe(
      message('loadLanguageModel', 'device is', 'it must be what openDevice gives'),
    );
    const tokens: unknown = Promise.resolve([3]);
    expect(await attempt(tokens as never)).toBe(message('generate', 'the tokens are', list));
    expect(await messageOf(() => score(model, tokens as never))).toBe(
      message('score', 'the tokens are', list),
    );
    expect(await messageOf(() => writeText(model, Promise.resolve('A') as never).next())).toBe(
      message('encode', 'the text is', 'it must be a string'),
    );
    (await promised).dispose();
  }, 60_000);

  test('-1 and 0 are no limit of topK', async () => {
    const [off, minus] = [0, -1].map((topK) => ({ maxTokens: 8, temperature: 1, seed: 5, topK }));
    expect(await generate(minus)).toEqual(await generate(off));
  });

  test('whoever took the last token has let go of the model; a disposed one says so', async () => {
    const second = await loadLanguageModel(opened.device, source, { buckets: [] });
    const stream = generateTokens(second, prompt, { maxTokens: 2 });
    await stream.next();
    await stream.next();
    const again = generateTokens(second, prompt, { maxTokens: 1 });
    expect(await again.next()).toMatchObject({ done: false });
    const unfinished = generateTokens(second, prompt, { maxTokens: 2 });
    await unfinished.next();
    second.dispose();
    for (const stream of [generateTokens(second, prompt), unfinished])
      expect(await messageOf(() => stream.next())).toBe(
        'disposed: [generate] the model was disposed; its weights and its cache are gone. Fix: load it again, or dispose it later.',
      );
  }, 60_000);

  test('writes text in whole characters, as its makers sample it', async () => {
    const write = async (options: Parameters<typeof writeText>[2]): Promise<string> => {
      let text = '';
      for await (const piece of writeText(model, 'ROMEO:\n', options)) text += piece;
      return text;
    };
    const { encode, decode } = await source.text.tokenizer();
    const tokens = encode('ROMEO:\n', 'prompt');
    const written: number[] = [];
    for await (const token of generateTokens(model, tokens, {
      temperature: 0.8,
      topP: 0.95,
      seed: 2,
      maxTokens: 20,
    }))
      written.push(token);
    expect(await write({ seed: 2, maxTokens: 20 })).toBe(decode(written));
    expect(await write({ seed: 2, maxTokens: 20, temperature: 0 })).not.toBe(decode(written));
    expect(await messageOf(() => writeText({ ...model, text: undefined }, 'A').next())).toBe(
      'bad-argument: [writeText] the model was loaded without its text; texts become tokens by a tokenizer. ' +
        'Fix: load what openModel gave, or generate tokens.',
    );
  }, 60_000);

  test('one request at a time has the cache', async () => {
    const first = generateTokens(model, prompt, { maxTokens: 3 });
    await first.next();
    const refusal = (subject: string): string =>
      `bad-argument: [${subject}] this model is still at work on something else; its buffers are there once. ` +
      'Fix: finish that first (or call return() on its iterator), or load the model a second time.';
    expect(await attempt(prompt)).toBe(refusal('generate'));
    expect(await messageOf(() => score(model, prompt))).toBe(refusal('score'));
    await first.return();
    expect((await score(model, prompt)).argmax.length).toBe(prompt.length);
    expect(await generate({ maxTokens: 0 })).toEqual([]);
  });

  test('scoring refuses what is not in the vocabulary', async () => {
    expect(await messageOf(() => score(model, [1, -1]))).toBe(
      'bad-argument: [score] there is a token -1; tokens are integers from 0 to 1023. Fix: encode the text with the tokenizer of this model.',
    );
    expect(await messageOf(() => score(model, [1, 2], { targets: [5] }))).toBe(
      'bad-argument: [score] the number of targets is 1; it must be a whole number from 2 to 2. Fix: give one.',
    );
    expect(await messageOf(() => score(model, []))).toBe(
      'bad-argument: [score] the number of tokens is 0; it must be a whole number from 1 to 128. Fix: give one.',
    );
  });

  test('chunks of a prompt leave the same cache as one piece', async () => {
    const small = await loadLanguageModel(opened.device, source, { buckets: [3] });
    const whole = await loadLanguageModel(opened.device, source, { buckets: [128] });
    const cacheOf = async (each: LanguageModel): Promise<Float32Array> => {
      readPrompt(each, prompt);
      const bytes = await opened.device.memory.download(each.session.slice('state', 'cache.5.value'));
      return new Float32Array(bytes.buffer);
    };
    const [a, b] = [await cacheOf(small), await cacheOf(whole)];
    expect(Math.max(...b.map(Math.abs))).toBeGreaterThan(0.1);
    a.forEach((value, i) => expect(Math.abs(value - b[i]!)).toBeLessThan(1e-4));
    small.dispose();
    whole.dispose();
  }, 120_000);
});
