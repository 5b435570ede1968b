// What variants are calibrated and measured on, and what to call it in the report.
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { TilewrightError } from '@tilewright/kernels';
import {
  type Comparison,
  divergenceFrom,
  type LanguageModel,
  scoreEach,
  type TextTokenizer,
} from '@tilewright/models';
import { startToken } from '../model/load.ts';
import type { OpenedFolder } from '../model/open-folder.ts';
import {
  heldOutWindows,
  type SplitText,
  splitText,
  splitTextFile,
  spreadWindows,
  writePassages,
} from '../model/texts.ts';

/** The texts that all variants are made and measured on. */
export interface Exam {
  /** In the order of the text; the first ones are compared. */
  readonly windows: readonly ExamWindow[];
  /** What compares logits of the first windows with those of the dense model. */
  readonly comparisons: readonly Comparison[];
  /** Windows for recipes that calibrate. */
  readonly calibration: readonly (readonly number[])[];
  readonly sources: ExamSources;
}

/** With `targets`, the tokens that follow, where the text is not the model's own. */
export interface ExamWindow {
  readonly tokens: readonly number[];
  readonly targets?: readonly number[];
}

/** Where the texts came from, for people. */
export interface ExamSources {
  /** Of the held-out loss; null where there is no such text, and variants are compared on what the dense model wrote. */
  readonly heldOut: string | null;
  readonly calibration: string;
}

/** A divergence is known well enough from so many windows; logits of more are not read back. */
const mostCompared = 64;

export interface ExamOptions {
  /** A text of the caller's: its last tenth is held out, the rest calibrates. Default: `sample.txt` of the model's folder. */
  readonly text: string | undefined;
  /** All of the held-out text instead of its beginning. */
  readonly full: boolean;
  readonly onProgress: (stage: string, done?: number, total?: number) => void;
  readonly signal: AbortSignal;
}

/** How many windows take a moment on a GPU, and how many on a CPU that plays one. */
const counts = {
  full: { calibration: 64, heldOut: Infinity, written: 4 },
  gpu: { calibration: 16, heldOut: 64, written: 4 },
  software: { calibration: 8, heldOut: 6, written: 2 },
} as const;

/** Prepares the exam. Throws `bad-argument` for a text that cannot be read or is too short. */
export async function prepareExam(
  opened: OpenedFolder,
  dense: LanguageModel,
  tokenizer: TextTokenizer | undefined,
  { text: file, full, onProgress, signal }: ExamOptions,
): Promise<Exam> {
  const count = counts[full ? 'full' : dense.device.adapter.software ? 'software' : 'gpu'];
  const length = Math.min(dense.capacity, opened.model.graph.symbols.tokens!.max);
  if (file !== undefined && !tokenizer) throw noTokenizer(opened.folder.name);
  const text =
    tokenizer && (file === undefined ? await sampleOf(opened.folder.name) : await splitTextFile(file));
  const own = (stage: string, passages: number): Promise<number[][]> =>
    writePassages(dense, startToken(opened, tokenizer), length, passages, {
      signal,
      onProgress: (done, total) => onProgress(stage, done, total),
    });
  if (text && tokenizer) {
    const heldOut = heldOutWindows(text.heldOut, tokenizer, length, count.heldOut);
    const calibration = spreadWindows(text.calibrating, tokenizer, length, count.calibration);
    if (heldOut.length > 0 && calibration.length > 0)
      return { ...(await compared(dense, heldOut)), calibration, sources: text.sources };
    if (file !== undefined) throw tooShort(file, length);
  }
  const passages = await own('dense-f32 writes passages to compare on', count.written);
  return {
    ...(await compared(
      dense,
      passages.map((tokens) => ({ tokens })),
    )),
    calibration: await own('dense-f32 writes passages to calibrate on', count.calibration),
    sources: { heldOut: null, calibration: 'passages the model wrote itself' },
  };
}

async function compared(
  dense: LanguageModel,
  windows: readonly ExamWindow[],
): Promise<Pick<Exam, 'windows' | 'comparisons'>> {
  const comparisons: Comparison[] = [];
  for await (const { logits } of scoreEach(dense, windows.slice(0, mostCompared), { logits: true }))
    comparisons.push(divergenceFrom(logits!, dense.tasks.vocabulary));
  return { windows, comparisons };
}

/** The text that a model's folder brings along. */
async function sampleOf(folder: string): Promise<SplitText | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, 'sample.txt'), 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
  const name = `sample.txt of ${basename(folder)}`;
  return splitText(text, 1 / 2, `the second half of ${name}`, `the first half of ${name}`);
}

const noTokenizer = (folder: string): TilewrightError =>
  new TilewrightError('bad-argument', {
    subject: '--text',
    problem: `${folder} has no tokenizer.json`,
    requirement: 'a text is cut into tokens',
    fix: 'leave --text out: variants are then compared on what the dense model writes',
  });

const tooShort = (file: string, length: number): TilewrightError =>
  new TilewrightError('bad-argument', {
    subject: '--text',
    problem: `the last tenth of ${file} is not even ${length + 1} tokens`,
    requirement: `it is scored in whole windows of ${length} tokens`,
    fix: 'give a longer text',
  });
