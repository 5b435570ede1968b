// Windows of a text, one after the other, on the device under test.
import { messageOf } from '@tilewright/tooling/message-of';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { llama } from '../architectures/llama/index.ts';
import { openModel } from '../open-model.ts';
import { tinySource } from '../test/tiny-model.ts';
import { type LanguageModel, loadLanguageModel } from './language-model.ts';
import { score, type Scores } from './score.ts';
import { scoring } from './scoring.ts';
import { scoreEach, windowsOf } from './windows.ts';

describe.skipIf(testProfile.compileOnly)('scoreEach', () => {
  let opened: TestDevice;
  let model: LanguageModel;
  beforeAll(async () => {
    opened = await openTestDevice();
    const source = await openModel(await tinySource(), { architectures: [llama] });
    model = await loadLanguageModel(opened.device, source, { buckets: [], scoring });
  }, 120_000);
  afterAll(() => {
    model?.dispose();
    opened?.dispose();
  });

  const windows = windowsOf(
    Array.from({ length: 70 }, (_, i) => (5 * i * i + i) % 29),
    16,
  );
  const [first] = windows as [(typeof windows)[number]];

  test('gives what score gives, in order', async () => {
    const expected: Scores[] = [];
    for (const { tokens, targets } of windows)
      expected.push(await score(model, tokens, { targets, logits: true }));
    const found: Scores[] = [];
    for await (const scores of scoreEach(model, windows, { logits: true })) found.push(scores);
    expect(found).toEqual(expected);
    expect(found.length).toBe(4);
    expect(new Set(found.map(({ losses }) => losses[0])).size).toBe(4);
  });

  test('gives no losses without targets, and nothing of no windows', async () => {
    const found: Scores[] = [];
    for await (const scores of scoreEach(model, [{ tokens: first.tokens }])) found.push(scores);
    expect(found).toEqual([{ losses: new Float32Array(0), argmax: found[0]!.argmax, logits: undefined }]);
    for await (const _ of scoreEach(model, [])) expect.unreachable();
  });

  test('a caller who stops gets the model back', async () => {
    for await (const _ of scoreEach(model, windows)) break;
    await score(model, first.tokens);
    const stopped = async (): Promise<void> => {
      for await (const _ of scoreEach(model, windows)) throw new Error('enough');
    };
    await expect(stopped()).rejects.toThrow('enough');
    await score(model, first.tokens);
  });

  test('what fails is thrown at its turn, after the scores of what is before it', async () => {
    let seen = 0;
    const run = async (): Promise<void> => {
      for await (const _ of scoreEach(model, [first, { tokens: [7, -1] }])) {
        seen++;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    await expect(run()).rejects.toThrow('[score]');
    expect(seen).toBe(1);
    await score(model, first.tokens);
  });

  test('arguments of another kind are refused before anything is asked for', () => {
    expect(messageOf(() => scoreEach(model, first.tokens as never))).toBe(
      '[scoreEach] windows is [' +
        first.tokens.join(', ') +
        ']; it must be a list, of which each is an object of tokens and, for losses, targets. Fix: give a list, of which each is an ' +
        'object of tokens and, for losses, targets.',
    );
    expect(messageOf(() => scoreEach(model, windows, { logit: true } as never))).toContain(
      "there is no option 'logit'",
    );
    expect(messageOf(() => scoreEach({} as never, windows))).toContain('[scoreEach]');
  });
});
