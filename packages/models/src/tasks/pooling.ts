// How the makers of a model make one vector of a text: the files that the sentence-transformers library writes.
import { isJsonObject, type Json, type ModelSource, shown } from '@tilewright/formats';
import { badModel, configFields, type ConfigFields } from '../architectures/config-fields.ts';

/** What becomes of the hidden states of a text: their mean, the first token's, or the largest of each channel. */
export type PoolingKind = 'mean' | 'cls' | 'max';

export interface Pooling {
  readonly pooling: PoolingKind;
  /** Vectors of length 1. */
  readonly normalize: boolean;
}

const kinds: Readonly<Record<string, PoolingKind>> = {
  pooling_mode_mean_tokens: 'mean',
  pooling_mode_cls_token: 'cls',
  pooling_mode_max_tokens: 'max',
};

/** Without such files it is the mean, as it is. */
const plain: Pooling = { pooling: 'mean', normalize: false };

/**
 * What `modules.json` and the files it names say. Throws `bad-model` for modules and kinds of pooling that are not known here:
 * each changes the vectors.
 */
export async function readPooling(json: ModelSource['json']): Promise<Pooling> {
  const file = 'modules.json';
  const modules = await json(file);
  if (modules === null) return plain;
  const named = listOf(modules, file).map(({ type, path }) => ({ type: type.split('.').at(-1)!, path }));
  const [model, pool, last, ...more] = named;
  const isKnown =
    model?.type === 'Transformer' &&
    (pool === undefined || pool.type === 'Pooling') &&
    (last === undefined || last.type === 'Normalize') &&
    more.length === 0;
  if (!isKnown || model.path !== '')
    throw badModel(
      file,
      `the modules are ${named.map(({ type, path }) => `${type}${path && ` in ${path}`}`).join(', ')}`,
      'known are a Transformer in the folder itself, then Pooling, then Normalize',
      'choose a model without others, or pool what encode gives',
    );
  const kind = pool ? await readKind(json, `${pool.path}/config.json`) : plain.pooling;
  return { pooling: kind, normalize: last !== undefined };
}

/** `[{ type, path }]`, of which paths stay inside the folder. */
function listOf(modules: Json, file: string): readonly { readonly type: string; readonly path: string }[] {
  const list = Array.isArray(modules) ? (modules as readonly Json[]) : [modules];
  return list.map((module) => {
    if (isJsonObject(module)) {
      const [type, path] = [module.get('type'), module.get('path')];
      if (typeof type === 'string' && typeof path === 'string' && /^(\w[\w.-]*)?$/.test(path))
        return { type, path };
    }
    throw badModel(
      file,
      'an entry is not a module with a type and the name of a folder',
      'the file lists the modules of a model, one after the other',
      'get the file again',
    );
  });
}

async function readKind(json: ModelSource['json'], file: string): Promise<PoolingKind> {
  const config = await json(file);
  if (!isJsonObject(config ?? undefined))
    throw badModel(
      file,
      config === null ? 'there is no such file' : 'it is not an object',
      'modules.json says that it holds the pooling',
      'get all files of the model',
    );
  const fields: ConfigFields = configFields(config as ReadonlyMap<string, Json>, file);
  const chosen = [...(config as ReadonlyMap<string, Json>).keys()].filter(
    (name) => name.startsWith('pooling_mode_') && fields.boolean(name, false),
  );
  // The makers put a prompt in front of texts, and leave its tokens out of the mean.
  if (!fields.boolean('include_prompt', true))
    throw badModel(
      file,
      'include_prompt is false',
      'all tokens of a text are pooled here',
      'pool what encode gives, without the tokens of the prompt',
    );
  const [name] = chosen;
  if (chosen.length === 0) return 'mean';
  if (chosen.length === 1 && Object.hasOwn(kinds, name!)) return kinds[name!]!;
  throw badModel(
    file,
    `the pooling is ${chosen.map(shown).join(' and ')}`,
    `known is one of ${Object.keys(kinds).join(', ')}`,
    'choose a model with one of these, or pool what encode gives',
  );
}
