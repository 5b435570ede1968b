import { badFile } from '../bad-file.ts';
import type { Safetensors } from '../safetensors/open.ts';
import { openWeights } from '../safetensors/sharded.ts';
import { parseGenerationConfig, type GenerationConfig } from './generation-config.ts';
import { parseLlamaConfig, type LlamaConfig } from './llama-config.ts';
import { openRequired, parseObject, readTextFile, type ModelFiles } from './model-files.ts';
import { readText } from '../source/source.ts';

/** What `@huggingface/tokenizers` is made from: both files as parsed JSON. */
export interface TokenizerFiles {
  readonly tokenizer: object;
  /** Empty where there is no `tokenizer_config.json`. */
  readonly config: object;
}

/** A model in the Hugging Face layout: configs read, weights opened but not read. */
export interface ModelFolder {
  readonly name: string;
  readonly config: LlamaConfig;
  /**
   * "Nothing said" where there is no `generation_config.json`; its token ids default to those of the config.
   */
  readonly generation: GenerationConfig;
  readonly weights: Safetensors;
  /** Reads `tokenizer.json` and `tokenizer_config.json`; null where the folder has no tokenizer. */
  tokenizerFiles(): Promise<TokenizerFiles | null>;
  /** Lets go of open files. */
  close(): Promise<void>;
}

const configBytes = 2 ** 24;
const tokenizerBytes = 2 ** 28;

/**
 * Opens a model. Throws `bad-file` for missing or malformed files, and `bad-model` for a config that is wrong
 * or of an unknown architecture, before the weights are looked at.
 */
export async function openModelFolder(files: ModelFiles): Promise<ModelFolder> {
  const source = await openRequired(files, 'config.json', 'it says what the weights mean');
  const configText = await readText(source, configBytes).finally(() => source.close());
  const config = parseLlamaConfig(parseObject(configText, 'config.json'));
  const generationText = await readTextFile(files, 'generation_config.json', configBytes);
  const said = parseGenerationConfig(
    generationText === null ? new Map() : parseObject(generationText, 'generation_config.json'),
  );
  const or = (ids: readonly number[], fallback: readonly number[]): readonly number[] =>
    ids.length > 0 ? ids : fallback;
  const weights = await openWeights(files);
  return {
    name: files.name,
    config,
    generation: {
      ...said,
      bos_token_id: or(said.bos_token_id, config.bos_token_id),
      eos_token_id: or(said.eos_token_id, config.eos_token_id),
    },
    weights,
    tokenizerFiles: async () => {
      const tokenizer = await readLooseObject(files, 'tokenizer.json');
      if (tokenizer === null) return null;
      return { tokenizer, config: (await readLooseObject(files, 'tokenizer_config.json')) ?? {} };
    },
    close: () => weights.close(),
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
