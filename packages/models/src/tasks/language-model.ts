import type { CompiledGraph, Executable, Session } from '@tilewright/graph';
import { arrange, compile, loadSession, plannedBytes, withOutputs } from '@tilewright/graph/unchecked';
import {
  callback,
  checkOptions,
  listOf,
  optional,
  positiveInteger,
  type StateDict,
  TilewrightError,
  type WeightFormat,
} from '@tilewright/kernels';
import type { Device } from '@tilewright/runtime';
import type { Step } from '../architectures/architecture.ts';
import type { ModelGraph } from '../model-graph.ts';
import type { ModelText } from './model-text.ts';
import type { LanguageTasks } from './language-tasks.ts';
import type { Scoring } from './scoring.ts';
import { checkLoadable } from './requests.ts';

export type LanguageGraph = ModelGraph<LanguageTasks>;

/** A language model as a graph, and its weights by published name. */
export interface PreparedModel {
  readonly model: LanguageGraph;
  readonly weights: StateDict;
  /** What text the model reads and writes; without it there are only tokens. */
  readonly text?: ModelText;
}

/** Which executables a model gets. */
export interface LoadOptions {
  /** Query lengths that get executables of their own besides 1, ascending; the last bounds a chunk of a prompt. */
  readonly buckets?: readonly number[];
  /** Also make the executable that scores every position (losses, logits): give `scoring`. */
  readonly scoring?: Scoring;
}

/** A step for a largest number of tokens. */
export interface CompiledStep {
  readonly tokens: number;
  readonly compiled: CompiledGraph;
}

/** The steps of a language model, compiled. */
export interface CompiledModel {
  readonly decode: CompiledStep;
  /** By the number of tokens, ascending. */
  readonly read: readonly CompiledStep[];
  readonly score: CompiledStep | undefined;
  /** The weights that the steps want, by the names they have there. */
  readonly arranged: StateDict;
}

/** A model on a device, ready to read and to write. */
export interface LanguageModel {
  readonly device: Device;
  readonly tasks: LanguageTasks;
  readonly text: ModelText | undefined;
  /** Most positions it can hold. */
  readonly capacity: number;
  readonly decode: Executable;
  /** Prompt chunks by the largest number of tokens they take, ascending. */
  readonly read: readonly { readonly tokens: number; readonly executable: Executable }[];
  readonly score: Executable | undefined;
  readonly session: Session;
  readonly plannedBytes: number;
  /** Bytes of all weights as they lie on the device. */
  readonly weightBytes: number;
  isDisposed(): boolean;
  dispose(): void;
}

/**
 * Compiles and loads a model. Which kernels it runs on follows from the formats of the weights. Throws `bad-argument` for what is no
 * device, no language model, and no option.
 */
export async function loadLanguageModel(
  device: Device,
  prepared: PreparedModel,
  options: LoadOptions = {},
): Promise<LanguageModel> {
  checkLoad('loadLanguageModel', device, prepared, options);
  const { model, text } = prepared;
  const { decode, read, score, arranged } = compileSteps(device, prepared, options);
  const steps = [decode, ...read, ...(score ? [score] : [])];
  const graphs = Object.fromEntries(steps.map(({ compiled }, index) => [index, compiled]));
  const session = await loadSession(device, graphs, arranged);
  const executableOf = (step: CompiledStep): Executable => session.executables[steps.indexOf(step)]!;
  let disposed = false;
  return {
    device,
    tasks: model.tasks,
    text,
    capacity: model.tasks.capacity,
    decode: executableOf(decode),
    read: read.map((step) => ({ tokens: step.tokens, executable: executableOf(step) })),
    score: score && executableOf(score),
    session,
    plannedBytes: plannedBytes(graphs),
    weightBytes: [...arranged.values()].reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
    isDisposed: () => disposed,
    dispose() {
      disposed = true;
      session.dispose();
    },
  };
}

/** The compiled steps of a model, without a device touched: for `explain` and for planning. Throws as {@link loadLanguageModel}. */
export function compileModel(
  device: Pick<Device, 'capabilities'>,
  prepared: PreparedModel,
  options: LoadOptions = {},
): CompiledModel {
  checkLoad('compileModel', device, prepared, options);
  return compileSteps(device, prepared, options);
}

function checkLoad(subject: string, device: unknown, prepared: unknown, options: LoadOptions): void {
  checkLoadable(subject, device, prepared, 'a language model', 'decode');
  checkOptions(subject, options, { buckets: optional(listOf(positiveInteger)), scoring: optional(callback) });
}

const formatsOf = (weights: StateDict): ReadonlyMap<string, WeightFormat> =>
  new Map([...weights].map(([name, { format }]) => [name, format]));

function compileSteps(
  { capabilities }: Pick<Device, 'capabilities'>,
  { model: { graph, rules, tasks }, weights }: PreparedModel,
  { buckets = [tasks.read.maxTokens], scoring }: LoadOptions = {},
): CompiledModel {
  const { graph: arranged, weights: arrangedWeights } = arrange(
    graph,
    weights,
    rules?.map((rule) => rule(formatsOf(weights))),
  );
  const formats = formatsOf(arrangedWeights);
  const most = tasks.read.maxTokens;
  if (!buckets.every((bucket) => Number.isInteger(bucket) && bucket >= 1 && bucket <= most))
    throw new TilewrightError('bad-argument', {
      subject: 'loadLanguageModel',
      problem: `the buckets are ${buckets.join(', ')}`,
      requirement: `the graph takes whole numbers of tokens, at most ${most} at a time`,
      fix: 'build the graph with a larger maxTokens, or use smaller buckets',
    });
  const compiledStep = (step: Step, tokens: number, whole = arranged): CompiledStep => ({
    tokens,
    compiled: compile(withOutputs(whole, step.outputs), {
      capabilities,
      formats,
      sizes: { tokens },
    }),
  });
  const lengths = [...new Set(buckets)].filter((bucket) => bucket !== 1).sort((a, b) => a - b);
  return {
    decode: compiledStep(tasks.decode, tasks.decode.maxTokens),
    read: lengths.map((tokens) => compiledStep(tasks.read, tokens)),
    score: scoring && compiledStep(tasks.score, tasks.score.maxTokens, scoring(arranged, tasks.score)),
    arranged: arrangedWeights,
  };
}
