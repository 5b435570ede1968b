import { Option, type Command } from 'commander';
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
import {
  type AdapterFlags,
  adapterOption,
  jsonOption,
  strictOption,
  systemOption,
  tokenList,
  wholeNumber,
} from './options.ts';

interface EmbedFlags extends AdapterFlags {
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

const kinds: readonly PoolingKind[] = ['mean', 'cls', 'max'];

export function addEmbed(
  program: Command,
  terminal: Terminal,
  signal: AbortSignal,
  input: () => Promise<string>,
): void {
  const said = new Set<string>();
  program
    .command('embed')
    .description('a vector for each text, a line of numbers each')
    .argument('<folder>', 'an encoder (BERT) in the Hugging Face layout')
    .argument('[texts...]', 'the texts (they need tokenizer.json); - is standard input, a text a line')
    .option(
      '--tokens <ids>',
      'a text as token ids: 101,7592,102; may be given again',
      (ids: string, before: EmbedFlags['tokens']) => [...(before ?? []), tokenList(ids)],
    )
    .addOption(
      new Option(
        '--pooling <kind>',
        'how a vector is made of hidden states; default what the model says, else mean',
      ).choices(kinds),
    )
    .option('--normalize', 'vectors of length 1; default what the model says')
    .option('--no-normalize', 'vectors as they are')
    .on('option:normalize', () => said.add('normalize'))
    .on('option:no-normalize', () => said.add('no-normalize'))
    .option(
      '--max-tokens <n>',
      'the longest text; default as long as the model takes, at most 512',
      wholeNumber(1),
    )
    .addOption(jsonOption('pooling, normalize, texts, vectors'))
    .addOption(adapterOption())
    .addOption(strictOption())
    .addOption(systemOption())
    .action((folder: string, texts: readonly string[], flags: EmbedFlags) => {
      if (said.size === 2)
        throw new TilewrightError('bad-argument', {
          subject: 'embed',
          problem: 'there are --normalize and --no-normalize',
          requirement: 'vectors have length 1 or are as they are',
          fix: 'leave one of the two out',
        });
      return embedTexts(terminal, folder, texts, flags, signal, input);
    });
}

async function embedTexts(
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
