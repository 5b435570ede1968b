import { generateTokens, textStream, withDefaults } from '@tilewright/models';
import type { LoadedVariant, ModelHost } from './model-host.ts';

export interface WriteOptions {
  /** Empty begins at a beginning of the training text. */
  readonly prompt: string;
  readonly temperature: number;
  readonly seed: number;
  /** As many as the model has room for, where it is undefined. */
  readonly maxTokens: number | undefined;
  readonly signal: AbortSignal;
}

/** Where the writing is after one more token. */
export interface Step {
  /** The prompt, as the tokenizer has it. */
  readonly given: string;
  readonly text: string;
  /** Written so far, without the prompt. */
  readonly tokens: readonly number[];
  /** From 0 to 1, of what there is room for. */
  readonly part: number;
  /** Over all steps but the first, which waits for the prompt to be read; 0 until there are two. */
  readonly tokensPerSecond: number;
  /** Of this step alone, as the device counted them; undefined for the first. */
  readonly counted: { readonly dispatches: number; readonly movedBytes: number } | undefined;
}

/** Writes on from a prompt, a token at a time. Throws what `generateTokens` throws. */
export async function* writeText(
  { device, text, tokenizer }: ModelHost,
  { model }: LoadedVariant,
  { prompt: promptText, temperature, seed, maxTokens, signal }: WriteOptions,
): AsyncGenerator<Step, void, void> {
  const prompt = promptText === '' ? text.startTokens.slice(0, 1) : tokenizer.encode(promptText, 'prompt');
  const given = tokenizer.decode(prompt);
  const room = Math.min(maxTokens ?? Infinity, model.capacity - prompt.length + 1);
  const all = [...prompt];
  let firstAt = 0;
  let before: { readonly dispatches: number; readonly movedBytes: number } | undefined;
  const options = { temperature, topK: 0, seed, signal };
  const generated = generateTokens(
    model,
    prompt,
    withDefaults(text, { ...options, ...(maxTokens !== undefined && { maxTokens }) }),
  );
  const stream = textStream(tokenizer, prompt);
  for await (const token of generated) {
    const now = performance.now();
    const { dispatches, movedBytes } = device.counters;
    const count = all.push(token) - prompt.length;
    stream.push(token);
    if (count === 1) firstAt = now;
    yield {
      given,
      text: stream.text(),
      tokens: all.slice(prompt.length),
      part: count / room,
      tokensPerSecond: count === 1 ? 0 : (1000 * (count - 1)) / (now - firstAt),
      counted: before && {
        dispatches: dispatches - before.dispatches,
        movedBytes: movedBytes - before.movedBytes,
      },
    };
    before = { dispatches, movedBytes };
  }
}
