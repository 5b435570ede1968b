// The text that a model is calibrated and scored on.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { TilewrightError } from '@tilewright/kernels';
import { generateTokens, type LanguageModel, type TextTokenizer, windowsOf } from '@tilewright/models';

/** The file that `--text` names. Throws `bad-argument` where it cannot be read. */
export async function readTextFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new TilewrightError(
      'bad-argument',
      {
        subject: '--text',
        problem: `${path} cannot be read (${(cause as NodeJS.ErrnoException).code})`,
        fix: 'name a text file',
      },
      { cause },
    );
  }
}

/** A text in two parts that share nothing, and what to call them. */
export interface SplitText {
  /** What recipes calibrate on, and what choices are made by. */
  readonly calibrating: string;
  /** What is scored, once, by the final table. */
  readonly heldOut: string;
  readonly sources: { readonly heldOut: string; readonly calibration: string };
}

/** Of a file that `--text` names, the last tenth is held out. */
export const splitTextFile = async (path: string): Promise<SplitText> =>
  splitText(
    await readTextFile(path),
    0.9,
    `the last 10 % of ${basename(path)}`,
    `the first 90 % of ${basename(path)}`,
  );

export function splitText(text: string, part: number, heldOut: string, calibration: string): SplitText {
  const end = Math.floor(part * text.length);
  return {
    calibrating: text.slice(0, end),
    heldOut: text.slice(end),
    sources: { heldOut, calibration },
  };
}

/**
 * `count` windows of `length` tokens, evenly spread over a text; fewer where the text has not as many, none where it is
 * shorter than one. A `draw` beyond 0 takes others: each begins somewhere in the part that is its own.
 */
export function spreadWindows(
  text: string,
  tokenizer: TextTokenizer,
  length: number,
  count: number,
  draw = 0,
): number[][] {
  // Tokens stand for several characters each, so that many characters are nearly always enough.
  const characters = 16 * length;
  const isLong = text.length - characters > count;
  const whole = isLong ? [] : tokenizer.encode(text);
  const room = isLong ? text.length - characters : whole.length - length + 1;
  if (room < 1) return [];
  const starts = Array.from({ length: count }, (_, i) =>
    Math.floor(((i + (draw === 0 ? 0 : fraction(draw, i))) * room) / count),
  );
  return [...new Set(starts)]
    .map((start) =>
      isLong
        ? tokenizer.encode(text.slice(start, start + characters)).slice(0, length)
        : whole.slice(start, start + length),
    )
    .filter((tokens) => tokens.length === length);
}

/** From 0 to below 1, the same from run to run: the bits of a product, mixed (the finalizer of MurmurHash3). */
function fraction(draw: number, index: number): number {
  let bits = Math.imul(draw, 0x9e37_79b1) ^ Math.imul(index + 1, 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
}

/** Throws `bad-argument` unless there is a window to calibrate on. */
export function checkCalibration(windows: readonly unknown[], source: string, length: number): void {
  if (windows.length > 0) return;
  throw new TilewrightError('bad-argument', {
    subject: '--text',
    problem: `${source} is not even ${length} tokens`,
    requirement: `recipes calibrate on windows of ${length} tokens`,
    fix: 'give a longer text',
  });
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
