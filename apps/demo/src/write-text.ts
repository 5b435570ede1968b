import { generateTokens } from '@tilewright/models';
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
  { device, folder, tokenizer }: ModelHost,
  { model }: LoadedVariant,
  { prompt: promptText, temperature, seed, maxTokens, signal }: WriteOptions,
): AsyncGenerator<Step, void, void> {
  const { bos_token_id: bos, eos_token_id: stopTokens, top_p: topP } = folder.generation;
  const prompt = promptText === '' ? bos.slice(0, 1) : tokenizer.encode(promptText, 'prompt');
  const given = tokenizer.decode(prompt);
  const room = Math.min(maxTokens ?? Infinity, model.capacity - prompt.length + 1);
  const all = [...prompt];
  let firstAt = 0;
  let before: { readonly dispatches: number; readonly movedBytes: number } | undefined;
  const options = { temperature, topP: topP ?? 1, seed, stopTokens, signal };
  const generated = generateTokens(model, prompt, {
    ...options,
    ...(maxTokens !== undefined && { maxTokens }),
  });
  for await (const token of generated) {
    const now = performance.now();
    const { dispatches, movedBytes } = device.counters;
    const count = all.push(token) - prompt.length;
    if (count === 1) firstAt = now;
    yield {
      given,
      // Decoded as a whole: a character may be split over several tokens.
      text: tokenizer.decode(all).slice(given.length),
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
