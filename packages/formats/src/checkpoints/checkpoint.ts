import { isJsonObject, type JsonObject } from '../json/parse-json.ts';
import type { ModelSource } from '../hugging-face/model-source.ts';
import type { StoredTensor } from '../safetensors/open.ts';
import { badFile, shown } from '../bad-file.ts';

/** Tensors by name, as a file or a model has them. */
export type StoredTensors = ReadonlyMap<string, StoredTensor>;

/** How a tool that compresses models stores them: which settings it claims, and how weights are made of its tensors. */
export interface Checkpoint {
  /** What its settings call the method: their `quant_method`. */
  readonly method: string;
  /** A file that holds the settings of older folders, where `config.json` has none, and the end of a tensor's name that tells them. */
  readonly file?: { readonly name: string; readonly mark: string };
  /**
   * The weights under their published names, in formats that kernels read, and every other tensor as it is. What is made of others
   * is read when it is asked for; only what tells its format is read at once. Throws `bad-file` for settings and tensors that
   * cannot be read, naming them.
   */
  tensors(settings: JsonObject, tensors: StoredTensors): Promise<StoredTensors>;
}

/** A model as a checkpoint's readers give it: its config without the settings, and what becomes of its tensors. */
export interface ReadCheckpoint {
  readonly config: JsonObject;
  tensors(stored: StoredTensors): Promise<StoredTensors>;
}

/** Fields of `config.json` in which tools write their settings. */
const fields = ['quantization_config', 'compression_config'] as const;

/**
 * What `openModel` takes as its `checkpoints`: recognises a compressed model by the settings in its `config.json`, or by the file in which
 * older tools write them; a model that is not compressed stays as it is. Throws `bad-file` for a method that is not among these.
 */
export const checkpoints =
  (readers: readonly Checkpoint[]) =>
  async (source: Pick<ModelSource, 'config' | 'json'>): Promise<ReadCheckpoint> => {
    const { config } = source;
    for (const field of fields) {
      const settings = config.get(field) ?? undefined;
      if (settings === undefined) continue;
      if (!isJsonObject(settings)) throw badSettings(`${field} is ${shown(settings)}`, 'it is an object');
      const method = settings.get('quant_method');
      const reader = readers.find((each) => each.method === method);
      if (!reader) {
        const known = readers.map((each) => each.method).join(', ') || 'none';
        throw badSettings(`its quant_method is ${shown(method)}`, `the methods handed over are ${known}`);
      }
      const rest = new Map([...config].filter(([name]) => !fields.includes(name as typeof field)));
      return { config: rest, tensors: (stored) => reader.tensors(settings, stored) };
    }
    return { config, tensors: (stored) => byFile(readers, source, stored) };
  };

/** Older folders have the settings in a file of their own: it is looked for where there are tensors of the method. */
async function byFile(
  readers: readonly Checkpoint[],
  { json }: Pick<ModelSource, 'json'>,
  stored: StoredTensors,
): Promise<StoredTensors> {
  for (const { file, tensors } of readers) {
    if (!file || ![...stored.keys()].some((name) => name.endsWith(file.mark))) continue;
    const settings = await json(file.name);
    if (settings !== null && isJsonObject(settings)) return await tensors(settings, stored);
  }
  return stored;
}

export const badSettings = (problem: string, requirement: string): Error =>
  badFile(
    'config.json',
    `quantization_config cannot be read: ${problem}`,
    requirement,
    'hand over what reads it, or take another form of the model',
  );
