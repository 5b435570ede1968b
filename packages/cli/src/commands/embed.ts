import { TilewrightError } from '@tilewright/kernels';
import {
  checkTokens,
  embed,
  type EmbeddingModel,
  loadEmbeddingModel,
  type PoolingKind,
} from '@tilewright/models';
import { jsonOutput } from '@tilewright/bench/process';
import { openChosenDevice } from '../model/load.ts';
import { openEncoderFolder } from '../model/open-folder.ts';
import { createProgress, type Terminal } from '../terminal.ts';
import type { AdapterFlags } from './options.ts';

/** What the command line says. */
export interface EmbedFlags extends AdapterFlags {
  readonly strict?: boolean;
  readonly tokens?: readonly (readonly number[])[];
  readonly pooling?: PoolingKind;
  readonly normalize?: boolean;
  readonly maxTokens?: number;
  readonly json?: string;
}

/** What `embed --json` writes. */
interface EmbedResult {
  readonly pooling: PoolingKind;
  readonly normalize: boolean;
  readonly texts: readonly (string | readonly number[])[];
  /** One for each text. */
  readonly vectors: readonly (readonly number[])[];
}

/** `tilewright embed`: prints a vector for each text. */
export async function embedTexts(
  screen: Terminal,
  path: string,
  words: readonly string[],
  flags: EmbedFlags,
  signal: AbortSignal,
  input: () => Promise<string>,
): Promise<void> {
  const { terminal, save: saveJson } = jsonOutput(flags.json, screen);
  const texts = [...(await readTexts(words, input)), ...(flags.tokens ?? [])];
  if (texts.length === 0)
    throw new TilewrightError('bad-argument', {
      subject: 'embed',
      problem: 'there is no text',
      requirement: 'a vector is of a text',
      fix: 'name texts behind the folder, - for standard input, or give --tokens IDS',
    });
  const progress = createProgress(terminal);
  const opened = await openEncoderFolder(terminal, path, {
    strict: flags.strict,
    maxTokens: flags.maxTokens,
    onProgress: (read, total) => progress.update('reading', Math.round(read / 1e6), Math.round(total / 1e6)),
  });
  // Before the seconds that compiling takes.
  if (texts.some((text) => typeof text === 'string')) await opened.text.tokenizer();
  checkTokens('embed', flags.tokens?.flat() ?? [], opened.model.tasks.vocabulary);
  const device = await openChosenDevice(terminal, flags);
  try {
    progress.update('compiling');
    const model = await loadEmbeddingModel(device, opened);
    try {
      saveJson(await vectorsOf(terminal, model, texts, flags, signal, progress.clear));
    } finally {
      model.dispose();
    }
  } finally {
    progress.clear();
    device.dispose();
  }
}

/** Of standard input, a text for each line that is not empty. */
async function readTexts(words: readonly string[], input: () => Promise<string>): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const word of words) {
    if (word === '-') texts.push(...(await input()).split(/\r?\n/).filter((line) => line !== ''));
    else texts.push(word);
  }
  return texts;
}

/** Prints each vector as soon as it is there. */
async function vectorsOf(
  terminal: Terminal,
  model: EmbeddingModel,
  texts: EmbedResult['texts'],
  { pooling = model.pooling.pooling, normalize = model.pooling.normalize }: EmbedFlags,
  signal: AbortSignal,
  clear: () => void,
): Promise<EmbedResult> {
  const vectors: number[][] = [];
  clear();
  for (const text of texts) {
    const [vector] = await embed(model, [text], { pooling, normalize, signal });
    vectors.push([...vector!]);
    // Nine digits tell any two f32 numbers apart.
    terminal.out(`${[...vector!].map((value) => Number(value.toPrecision(9))).join(' ')}\n`);
  }
  return { pooling, normalize, texts, vectors };
}
