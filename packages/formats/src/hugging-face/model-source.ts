import { checkOptions } from '@tilewright/kernels';
import { badFile } from '../bad-file.ts';
import { type Json, type JsonObject, parseJson } from '../json/parse-json.ts';
import type { OpenOptions, Safetensors } from '../safetensors/open.ts';
import { openWeights } from '../safetensors/sharded.ts';
import { checkFiles, openRequired, parseObject, readTextFile, type ModelFiles } from './model-files.ts';
import { readText } from '../source/source.ts';

/** What `@huggingface/tokenizers` is made from: both files as parsed JSON. */
export interface TokenizerFiles {
  readonly tokenizer: object;
  /** Empty where there is no `tokenizer_config.json`. */
  readonly config: object;
}

/**
 * A model as it lies somewhere: what its files say, without a meaning given to it. What a config means, and how the
 * weights of a model are made of these tensors, is for an architecture of `@tilewright/models` to say.
 */
export interface ModelSource {
  /** What error messages call the place. */
  readonly name: string;
  /** By whose conventions tensors are named and ordered: 'hugging-face' for a folder of the Hub. */
  readonly kind: string;
  /** `config.json`, as it stands. */
  readonly config: JsonObject;
  /** `generation_config.json`, as it stands; empty where there is none. */
  readonly generation: JsonObject;
  /**
   * Opens the weights: reads and checks their headers. What it opens, `close` lets go of, too. Throws `bad-file` for missing or
   * malformed files, and for compressed tensors of a family that was not handed over.
   */
  openWeights(options?: OpenOptions): Promise<Safetensors>;
  /** Reads `tokenizer.json` and `tokenizer_config.json`; null where there is no tokenizer. Works after `close`. */
  tokenizerFiles(): Promise<TokenizerFiles | null>;
  /** Another JSON file of the model, by its path in the folder; null where there is none. Works after `close`. */
  json(path: string): Promise<Json | null>;
  /** Lets go of open files. */
  close(): Promise<void>;
}

const configBytes = 2 ** 24;
const tokenizerBytes = 2 ** 28;

/**
 * Opens a folder in the Hugging Face layout: reads its configs; there are no options. Throws `bad-file` for missing or malformed files,
 * `bad-argument` for what is no files, and for options.
 */
export async function openModelFolder(
  files: ModelFiles,
  options: Readonly<Record<string, never>> = {},
): Promise<ModelSource> {
  checkOptions('openModelFolder', options, []);
  checkFiles('openModelFolder', files);
  const source = await openRequired(files, 'config.json', 'it says what the weights mean');
  const configText = await readText(source, configBytes).finally(() => source.close());
  const config = parseObject(configText, 'config.json');
  const generationText = await readTextFile(files, 'generation_config.json', configBytes);
  const generation =
    generationText === null ? new Map<string, Json>() : parseObject(generationText, 'generation_config.json');
  const opened: Safetensors[] = [];
  return {
    name: files.name,
    kind: 'hugging-face',
    config,
    generation,
    async openWeights(options) {
      const weights = await openWeights(files, options);
      opened.push(weights);
      return weights;
    },
    tokenizerFiles: async () => {
      const tokenizer = await readLooseObject(files, 'tokenizer.json');
      if (tokenizer === null) return null;
      return { tokenizer, config: (await readLooseObject(files, 'tokenizer_config.json')) ?? {} };
    },
    json: async (path) => {
      const text = await readTextFile(files, path, configBytes);
      return text === null ? null : parseJson(text, { subject: path, part: 'the file', maxDepth: 32 });
    },
    close: async () => {
      await Promise.all(opened.splice(0).map((weights) => weights.close()));
    },
  };
}

/** A JSON object as JSON.parse gives it: vocabularies are large, and their reader wants plain objects. */
async function readLooseObject(files: ModelFiles, fileName: string): Promise<object | null> {
  const text = await readTextFile(files, fileName, tokenizerBytes);
  if (text === null) return null;
  let value: unknown;
  let cause: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    cause = error;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw badFile(
    fileName,
    'the file is not a JSON object',
    'a tokenizer is an object with named fields',
    'get the file again, it may be damaged',
    cause,
  );
}
