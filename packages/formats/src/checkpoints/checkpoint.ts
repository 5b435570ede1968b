import { checkOptions, having, listOf } from '@tilewright/kernels';
import { shown } from '../bad-file.ts';
import type { ModelSource } from '../hugging-face/model-source.ts';
import { isJsonObject, type Json, type JsonObject } from '../json/parse-json.ts';
import type { StoredTensor } from '../safetensors/open.ts';
import { badSettings, type Settings, settingsOf } from './settings.ts';

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
   * cannot be read, naming them; `settings` keep what is to be warned of.
   */
  tensors(settings: Settings, tensors: StoredTensors): Promise<StoredTensors>;
}

/** A model as a checkpoint's readers give it: its config without the settings, and what becomes of its tensors. */
export interface ReadCheckpoint {
  readonly config: JsonObject;
  tensors(stored: StoredTensors): Promise<StoredTensors>;
  /** Once the tensors were asked for: a sentence for each thing that settings say and nothing uses, or tensors contradict. */
  warnings(): readonly string[];
}

/** Fields of `config.json` in which tools write their settings. */
const fields = ['quantization_config', 'compression_config'] as const;

/**
 * What `openModel` takes as its `checkpoints`: recognises a compressed model by the settings in its `config.json`, or by the file in which
 * older tools write them; a model that is not compressed stays as it is. Throws `bad-file` for a method that is not among these.
 */
export function checkpoints(
  readers: readonly Checkpoint[],
): (source: Pick<ModelSource, 'config' | 'json'>) => Promise<ReadCheckpoint> {
  checkOptions(
    'checkpoints',
    { readers },
    { readers: listOf(having('a reader of checkpoints', 'method', 'tensors')) },
  );
  return async (source) => {
    checkOptions(
      'checkpoints',
      { source },
      { source: having('what openModelFolder gives', 'config', 'json') },
    );
    const { config } = source;
    const [field, other] = fields.filter((name) => (config.get(name) ?? null) !== null);
    if (field === undefined) return byFile(readers, source);
    if (other !== undefined)
      throw badSettings(`there is ${other} beside it`, 'a model is compressed in one way', undefined, field);
    const value = config.get(field);
    if (!isJsonObject(value)) throw badSettings(`it is ${shown(value)}`, 'it is an object', undefined, field);
    const method = value.get('quant_method');
    const reader = readers.find((each) => each.method === method);
    if (!reader) {
      const known = readers.map((each) => each.method).join(', ') || 'none';
      throw badSettings(
        `its quant_method is ${shown(method)}`,
        `the methods handed over are ${known}`,
        undefined,
        field,
      );
    }
    const rest = new Map([...config].filter(([name]) => !fields.includes(name as typeof field)));
    const settings = settingsOf(value, 'config.json', field);
    return {
      config: rest,
      warnings: settings.warnings,
      tensors: (stored) => tensorsOf(reader, settings, stored),
    };
  };
}

/** Settings of a model whose tensors none are stored so are to be said: the model is another than they say. */
async function tensorsOf(
  reader: Checkpoint,
  settings: Settings,
  stored: StoredTensors,
): Promise<StoredTensors> {
  const made = await reader.tensors(settings, stored);
  if ([...made].every(([name, tensor]) => stored.get(name) === tensor))
    settings.warn(`no weight is stored as ${reader.method} stores them`);
  return made;
}

/** Older folders have the settings in a file of their own: it is looked for where there are tensors of the method. */
function byFile(
  readers: readonly Checkpoint[],
  { config, json }: Pick<ModelSource, 'config' | 'json'>,
): ReadCheckpoint {
  let found: Settings | undefined;
  return {
    config,
    warnings: () => found?.warnings() ?? [],
    async tensors(stored) {
      for (const reader of readers) {
        const { file } = reader;
        if (!file || ![...stored.keys()].some((name) => name.endsWith(file.mark))) continue;
        const value: Json | null = await json(file.name);
        if (value === null) continue;
        if (!isJsonObject(value))
          throw badSettings(`it is ${shown(value)}`, 'it is an object', file.name, 'the file');
        found = settingsOf(value, file.name, 'the file');
        return tensorsOf(reader, found, stored);
      }
      return stored;
    },
  };
}
