// The text that a model is calibrated and scored on.
import { generateTokens, type LanguageModel, type TextTokenizer, windowsOf } from '@tilewright/models';

/** `count` windows of `length` tokens, evenly spread over a text. */
export function spreadWindows(
  text: string,
  tokenizer: TextTokenizer,
  length: number,
  count: number,
): number[][] {
  // Tokens stand for several characters each, so that many characters are always enough.
  const characters = 16 * length;
  const windows: number[][] = [];
  for (let i = 0; i < count; i++) {
    const start = Math.floor((i * Math.max(0, text.length - characters)) / count);
    const tokens = tokenizer.encode(text.slice(start, start + characters)).slice(0, length);
    if (tokens.length > 1) windows.push(tokens);
  }
  return windows;
}

/** The windows a held-out loss is defined on: non-overlapping, whole, the first `most`. */
export const heldOutWindows = (
  text: string,
  tokenizer: TextTokenizer,
  length: number,
  most: number,
): ReturnType<typeof windowsOf> => windowsOf(tokenizer.encode(text), length, most);

/** Passages that the model writes itself, each of `length` tokens beginning with `start`. */
export async function writePassages(
  model: LanguageModel,
  start: number,
  length: number,
  count: number,
  options: {
    readonly signal?: AbortSignal;
    readonly onProgress?: (done: number, total: number) => void;
  } = {},
): Promise<number[][]> {
  const passages: number[][] = [];
  for (let seed = 0; seed < count; seed++) {
    const tokens = [start];
    const settings = {
      maxTokens: length - 1,
      temperature: 1,
      seed,
      ...(options.signal && { signal: options.signal }),
    };
    for await (const token of generateTokens(model, tokens.slice(), settings)) tokens.push(token);
    passages.push(tokens);
    options.onProgress?.(passages.length, count);
  }
  return passages;
}
