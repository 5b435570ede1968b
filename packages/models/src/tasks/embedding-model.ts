import type { CompiledGraph, Executable, Session } from '@tilewright/graph';
import { arrange, compile, loadSession, plannedBytes, withOutputs } from '@tilewright/graph/unchecked';
import type { ModelSource } from '@tilewright/formats';
import {
  checkOptions,
  listOf,
  optional,
  positiveInteger,
  type StateDict,
  TilewrightError,
  trueOrFalse,
} from '@tilewright/kernels';
import type { Device } from '@tilewright/runtime';
import type { ModelGraph } from '../model-graph.ts';
import type { EmbeddingTasks } from './embedding-tasks.ts';
import type { ModelText } from './model-text.ts';
import { type Pooling, readPooling } from './pooling.ts';
import { checkLoadable } from './requests.ts';

/** An encoder as a graph, and its weights by published name: what `openModel` gives of one. */
export interface PreparedEncoder {
  readonly model: ModelGraph<EmbeddingTasks>;
  readonly weights: StateDict;
  /** What text the model reads; without it there are only tokens. */
  readonly text?: ModelText;
  /** Where its makers say how they pool; without it the mean is taken. */
  readonly json?: ModelSource['json'];
}

export interface LoadEmbeddingOptions {
  /** Lengths of texts that get executables of their own, ascending; the last bounds a text. Default 32, 128 and all there is. */
  readonly buckets?: readonly number[];
  /** Also compute what the model's own pooler makes of a text: see `encode`. */
  readonly pooled?: boolean;
}

/** A model on a device, ready to read texts. */
export interface EmbeddingModel {
  readonly device: Device;
  readonly tasks: EmbeddingTasks;
  readonly text: ModelText | undefined;
  /** How its makers pool. */
  readonly pooling: Pooling;
  /** By the largest number of tokens they take, ascending. */
  readonly encode: readonly { readonly tokens: number; readonly executable: Executable }[];
  /** The values that `encode` gives. */
  readonly step: { readonly hidden: string; readonly pooled?: string };
  readonly session: Session;
  readonly plannedBytes: number;
  isDisposed(): boolean;
  dispose(): void;
}

/**
 * Compiles and loads an encoder. Which kernels it runs on follows from the formats of the weights. Throws `bad-argument` for what is
 * no device and no encoder, for a pooler that the model has not, `bad-model` for weights that are missing and a kind of pooling that is not known.
 */
export async function loadEmbeddingModel(
  device: Device,
  prepared: PreparedEncoder,
  options: LoadEmbeddingOptions = {},
): Promise<EmbeddingModel> {
  checkLoad('loadEmbeddingModel', device, prepared, options);
  const { model, text, json } = prepared;
  const pooling = await readPooling(json ?? (() => Promise.resolve(null)));
  const compiled = compileSteps(device, prepared, options);
  const graphs = Object.fromEntries(compiled.steps.map((step, index) => [index, step.compiled]));
  const session = await loadSession(device, graphs, compiled.arranged);
  let disposed = false;
  return {
    device,
    tasks: model.tasks,
    text,
    pooling,
    encode: compiled.steps.map(({ tokens }, index) => ({ tokens, executable: session.executables[index]! })),
    step: stepOf(model.tasks, options),
    session,
    plannedBytes: plannedBytes(graphs),
    isDisposed: () => disposed,
    dispose() {
      disposed = true;
      session.dispose();
    },
  };
}

/** The steps of an encoder, compiled. */
export interface CompiledEncoder {
  /** By the number of tokens, ascending. */
  readonly steps: readonly { readonly tokens: number; readonly compiled: CompiledGraph }[];
  /** The weights that the steps want, by the names they have there. */
  readonly arranged: StateDict;
}

/** The compiled steps of an encoder, without a device touched: for `explain` and for planning. Throws as {@link loadEmbeddingModel}. */
export function compileEncoder(
  device: Pick<Device, 'capabilities'>,
  prepared: Pick<PreparedEncoder, 'model' | 'weights'>,
  options: LoadEmbeddingOptions = {},
): CompiledEncoder {
  checkLoad('compileEncoder', device, prepared, options);
  return compileSteps(device, prepared, options);
}

function checkLoad(subject: string, device: unknown, prepared: unknown, options: LoadEmbeddingOptions): void {
  checkLoadable(subject, device, prepared, 'an encoder', 'embed');
  checkOptions(subject, options, {
    buckets: optional(listOf(positiveInteger)),
    pooled: optional(trueOrFalse),
  });
}

function compileSteps(
  { capabilities }: Pick<Device, 'capabilities'>,
  { model: { graph, tasks }, weights }: Pick<PreparedEncoder, 'model' | 'weights'>,
  options: LoadEmbeddingOptions = {},
): CompiledEncoder {
  const { outputs, maxTokens } = stepOf(tasks, options);
  const arranged = arrange(withOutputs(graph, outputs), weights);
  const formats = new Map([...arranged.weights].map(([name, tensor]) => [name, tensor.format]));
  return {
    steps: bucketsOf(options, maxTokens).map((tokens) => ({
      tokens,
      compiled: compile(arranged.graph, { capabilities, formats, sizes: { tokens } }),
    })),
    arranged: arranged.weights,
  };
}

function stepOf({ embed, pool }: EmbeddingTasks, { pooled = false }: LoadEmbeddingOptions): PooledStep {
  if (!pooled) return embed;
  if (pool) return pool;
  throw new TilewrightError('bad-argument', {
    subject: 'loadEmbeddingModel',
    problem: 'pooled is true',
    requirement: 'this architecture has no pooler',
    fix: 'leave it out',
  });
}

type PooledStep = EmbeddingTasks['embed'] & { readonly pooled?: string };

function bucketsOf({ buckets }: LoadEmbeddingOptions, most: number): readonly number[] {
  if (buckets === undefined) return [...[32, 128].filter((bucket) => bucket < most), most];
  if (buckets.length > 0 && buckets.every((each) => Number.isInteger(each) && each >= 1 && each <= most))
    return [...new Set(buckets)].sort((a, b) => a - b);
  throw new TilewrightError('bad-argument', {
    subject: 'loadEmbeddingModel',
    problem: `the buckets are ${buckets.join(', ') || 'none'}`,
    requirement: `the graph takes whole numbers of tokens, at most ${most} at a time`,
    fix: 'build the graph with a larger maxTokens, or use smaller buckets',
  });
}
