import { foldGains } from '@tilewright/compression/unchecked';
import { type ModelSource, openKinds, shown } from '@tilewright/formats';
import type { ReadCheckpoint } from '@tilewright/formats/checkpoints';
import {
  callback,
  checkedLater,
  having,
  listOf,
  oneOf,
  optional,
  type OptionKind,
  trueOrFalse,
  checkOptions,
  type StateDict,
  TilewrightError,
} from '@tilewright/kernels';
import type { FormatFamily } from '@tilewright/kernels/weights';
import type {
  Architecture,
  Axis,
  BuildOptions,
  DeferredArchitecture,
  ReadParts,
} from './architectures/architecture.ts';
import { claimed } from './architectures/claims.ts';
import { badModel } from './architectures/config-fields.ts';
import type { ModelGraph } from './model-graph.ts';
import { readWeights } from './read-weights.ts';
import { type ModelText, modelText } from './tasks/model-text.ts';

export interface OpenModelOptions<Tasks> extends BuildOptions, ReadParts {
  /** Those that a model may have. */
  readonly architectures: readonly (Architecture<Tasks> | DeferredArchitecture<Tasks>)[];
  /** Families of the formats that compressed weights may have; default none. Dense ones are always read. */
  readonly formats?: readonly FormatFamily[];
  /**
   * Reads models that other tools compressed: `checkpoints` of `@tilewright/formats/checkpoints`, with the readers of their methods. Default
   * none.
   */
  readonly checkpoints?: (source: ModelSource) => Promise<ReadCheckpoint>;
  /** Hears the bytes read so far and in all. */
  readonly onProgress?: (readBytes: number, totalBytes: number) => void;
  /** Hears, a sentence each, what the files hold and the model leaves out; default the console. */
  readonly onWarning?: (warning: string) => void;
  /** Refuses what would be a warning. */
  readonly strict?: boolean;
}

/** A model that was read and prepared, and is not on any device yet. */
export interface OpenedModel<Tasks = unknown> {
  /** The id of its architecture. */
  readonly architecture: string;
  /** Positions that it was made for, and what says so. */
  readonly context: Axis;
  readonly model: ModelGraph<Tasks>;
  /** What `loadLanguageModel` and `compressModel` take, by published name; gains are folded into dense weights. */
  readonly weights: StateDict;
  readonly text: ModelText;
  /** What the weight files say of themselves. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Other JSON files of the model: see `ModelSource`. */
  readonly json: ModelSource['json'];
}

const optionKinds = (): Readonly<Record<keyof OpenModelOptions<unknown>, OptionKind>> => ({
  architectures: listOf(having('an architecture', 'claims')),
  cache: optional(oneOf('f32', 'f16')),
  cacheFormat: optional(having('a format of caches', 'sections')),
  capacity: checkedLater,
  checkpoints: optional(callback),
  ...openKinds(),
  maxTokens: checkedLater,
  onProgress: optional(callback),
  onWarning: optional(callback),
  ropeScalings: optional(listOf(having('a way of stretching rotary positions', 'rope_type', 'read'))),
  sequences: checkedLater,
  strict: optional(trueOrFalse),
});

/**
 * Reads a model, and folds the gains of its norms into the weights behind them; takes over the source, and closes it. Stored
 * compressed weights stay as they are, those of other tools become formats that kernels read; dense ones that no kernel reads (bf16, f64) become f32.
 *
 * Throws `bad-model` where no architecture claims the config and where weights do not fit it, `bad-file` for damaged
 * files, `bad-argument` for what is no source, for options and for room that the model was not made for.
 */
export async function openModel<Tasks>(
  source: ModelSource,
  options: OpenModelOptions<Tasks>,
): Promise<OpenedModel<Tasks>> {
  checkOptions(
    'openModel',
    { source },
    { source: having('what openModelFolder gives', 'config', 'openWeights') },
  );
  try {
    checkOptions('openModel', options, optionKinds());
    return await openSource(source, options);
  } finally {
    await source.close();
  }
}

async function openSource<Tasks>(
  source: ModelSource,
  {
    architectures,
    checkpoints,
    formats = [],
    onProgress,
    onWarning = console.warn,
    ropeScalings = [],
    strict,
    ...room
  }: OpenModelOptions<Tasks>,
): Promise<OpenedModel<Tasks>> {
  const subject = 'config.json';
  const architecture = await claimed(source.config, architectures, subject);
  const compressed = await checkpoints?.(source);
  const read = architecture.read(compressed?.config ?? source.config, subject, { ropeScalings });
  const stored = architecture.stored[source.kind];
  if (!stored)
    throw badModel(
      source.name,
      `it is a source of the kind '${source.kind}'`,
      `the weights of ${architecture.id} are read from ${Object.keys(architecture.stored).join(', ')}`,
      'take the model in one of these forms',
    );
  const text = await modelText(source);
  const built = read.build(room);
  const files = await source.openWeights({ formats });
  const tensors = (await compressed?.tensors(files.tensors)) ?? files.tensors;
  const { state, warnings: left } = await readWeights({ ...files, tensors }, stored, built, onProgress);
  const modelType = source.config.get('model_type') ?? architecture.id;
  const otherType = `${subject} has the model_type ${shown(modelType)} and is read as ${architecture.id}`;
  const warnings = [
    ...(modelType === architecture.id ? [] : [otherType]),
    ...read.warnings,
    ...(compressed?.warnings() ?? []),
    ...text.warnings,
    ...left,
  ];
  if (strict && warnings.length > 0)
    throw new TilewrightError('bad-model', {
      subject: source.name,
      problem: warnings.join('; '),
      requirement: 'a strict reading leaves nothing out',
      fix: 'correct the files, or read them without strict',
    });
  for (const warning of warnings) onWarning(warning);
  return {
    architecture: architecture.id,
    context: read.context,
    model: built,
    weights: foldGains(built.graph, state),
    text,
    metadata: files.metadata,
    json: source.json,
  };
}
