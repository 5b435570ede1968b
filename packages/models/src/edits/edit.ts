// Changes of a model's shape: a smaller model, or one with weights of its own, that opens wherever the first one did.
import type { Json, JsonObject, ModelSource } from '@tilewright/formats';
import {
  callback,
  checkOptions,
  having,
  listOf,
  type OptionKind,
  optional,
  type StateDict,
} from '@tilewright/kernels';
import type { WeightCodec } from '@tilewright/kernels/weights';
import { denseDType } from '@tilewright/kernels/weights/dense';
import type { Device } from '@tilewright/runtime';
import type { OpenedModel } from '../open-model.ts';
import { checkLoadable } from '../tasks/requests.ts';
import type { LanguageTasks } from '../tasks/language-tasks.ts';

/** What an edit makes of a model: fields of its config that change, and all weights by published name. */
export interface Edited {
  readonly config: Readonly<Record<string, Json>>;
  readonly weights: StateDict;
}

/** What an edit sees. */
export interface EditContext {
  readonly device: Device;
  readonly config: JsonObject;
  readonly opened: OpenedModel<LanguageTasks>;
  /** Windows of tokens to measure on. */
  readonly windows: readonly (readonly number[])[];
  readonly codecs: readonly WeightCodec[];
  /** The model with these changes, as it will be opened. */
  readonly open: (edited: Edited) => Promise<OpenedModel<LanguageTasks>>;
  readonly signal?: AbortSignal;
}

/** A change of a model's shape. A value: whoever edits hands it over. */
export interface ModelEdit {
  readonly name: string;
  /** Whether it measures on text. */
  readonly calibrates: boolean;
  /** Throws `bad-argument` for a model that it cannot change, naming what stands in the way, and `aborted`. */
  readonly apply: (context: EditContext) => Promise<Edited>;
}

export interface EditOptions extends Pick<EditContext, 'windows' | 'codecs' | 'signal'> {
  /** Opens a source as the model was opened. */
  readonly open: (source: ModelSource) => Promise<OpenedModel<LanguageTasks>>;
}

/**
 * Applies edits one after the other, each to what the one before it made. Returns the last model, and all fields of its config that
 * changed: with these, what is written is a valid model for every reader. Throws what edits throw.
 */
export async function editModel(
  device: Device,
  source: ModelSource,
  opened: OpenedModel<LanguageTasks>,
  edits: readonly ModelEdit[],
  options: EditOptions,
): Promise<{
  readonly opened: OpenedModel<LanguageTasks>;
  readonly config: Readonly<Record<string, Json>>;
}> {
  checkOptions('editModel', options, {
    windows: listOf(having('a list of tokens', 'length')),
    codecs: listOf(having('a codec of weights', 'family')),
    open: callback,
    signal: optional(having('an AbortSignal', 'aborted')),
  } satisfies Record<keyof EditOptions, OptionKind>);
  checkOptions(
    'editModel',
    { source, edits },
    {
      source: having('what openModelFolder gives', 'config', 'openWeights'),
      edits: listOf(having('an edit of a model', 'name', 'apply')),
    },
  );
  checkLoadable('editModel', device, opened, 'a language model', 'decode');
  const { open, ...rest } = options;
  let model = opened;
  let changes: Readonly<Record<string, Json>> = {};
  for (const edit of edits) {
    const before = changes;
    const openEdited = ({ config, weights }: Edited): Promise<OpenedModel<LanguageTasks>> =>
      open(editedSource(source, { config: { ...before, ...config }, weights }));
    const config = new Map([...source.config, ...Object.entries(before)]);
    const edited = await edit.apply({ device, config, opened: model, open: openEdited, ...rest });
    model = await openEdited(edited);
    changes = { ...before, ...edited.config };
  }
  return { opened: model, config: changes };
}

/** The same model with other fields and weights, in memory. */
const editedSource = (source: ModelSource, { config, weights }: Edited): ModelSource => ({
  ...source,
  config: new Map([...source.config, ...Object.entries(config)]),
  openWeights: () =>
    Promise.resolve({
      metadata: {},
      tensors: new Map(
        [...weights].map(([name, tensor]) => [
          name,
          {
            dtype: denseDType(tensor.format) ?? 'u32',
            format: tensor.format,
            shape: tensor.shape,
            sizeBytes: tensor.bytes.byteLength,
            read: () => Promise.resolve(tensor),
          },
        ]),
      ),
      close: () => Promise.resolve(),
    }),
  close: () => Promise.resolve(),
});
