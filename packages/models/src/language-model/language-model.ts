import type { LlamaConfig } from '@tilewright/formats';
import {
  compile,
  type CompiledGraph,
  type Executable,
  type Graph,
  loadSession,
  plannedBytes,
  prepareWeights,
  type Session,
  simplify,
  withOutputs,
} from '@tilewright/graph';
import { type Kernel, type Layout, type StateDict, TilewrightError } from '@tilewright/kernels';
import type { Device } from '@tilewright/runtime';
import { llama, type LlamaGraph, type LlamaOptions } from '../llama/llama.ts';
import { languageModelKernels } from './kernels.ts';

/** A model as a graph whose weights may now be calibrated and compressed. */
export interface ModelGraph extends LlamaGraph {
  readonly config: LlamaConfig;
  /** Names of the weights of linear layers inside the blocks: what compression works on. */
  readonly linearWeights: readonly string[];
}

/** Builds and simplifies the graph of a model. `layouts`: of weights that are already compressed, by stored name. */
export function modelGraph(
  config: LlamaConfig,
  options?: LlamaOptions,
  layouts?: ReadonlyMap<string, Layout>,
): ModelGraph {
  const { graph: built, blocks } = llama(config, options);
  const graph = simplify(built, layouts);
  const linear = new Set(['Linear', 'GateUp', 'LinearRopeCache']);
  const linearWeights = graph.nodes
    .filter((node) => linear.has(node.op) && node.name !== 'lm_head')
    .map((node) => node.inputs.weight!);
  return { config, graph, blocks, linearWeights };
}

/** The weights the graph wants, from the tensors of a model folder. */
export const prepareModel = (model: ModelGraph, state: StateDict): StateDict =>
  prepareWeights(model.graph, state);

/** Which executables a model gets. */
export interface LoadOptions {
  /** Query lengths that get executables of their own besides 1, ascending; the last bounds a chunk of a prompt. */
  readonly buckets?: readonly number[];
  /** Also make the executable that scores every position (losses, logits), of these: `scoringKernels`. */
  readonly scoring?: readonly Kernel[];
}

/** A model on a device, ready to read and to write. */
export interface LanguageModel {
  readonly config: LlamaConfig;
  readonly device: Device;
  /** Most positions it can hold. */
  readonly capacity: number;
  readonly decode: Executable;
  /** Prompt chunks by the largest number of tokens they take, ascending. */
  readonly prefill: readonly { readonly tokens: number; readonly executable: Executable }[];
  readonly score: Executable | undefined;
  readonly session: Session;
  readonly plannedBytes: number;
  dispose(): void;
}

/** What each kind of step gives back. */
export const outputs = {
  token: 'token.ids',
  logits: 'lm_head.y',
  argmax: 'argmax.ids',
  loss: 'loss.loss',
} as const;

/** Compiles and loads prepared weights. Layouts follow the weights; the graph stays the same. */
export async function loadLanguageModel(
  device: Device,
  model: ModelGraph,
  weights: StateDict,
  options: LoadOptions = {},
): Promise<LanguageModel> {
  const graphs = compileModel(device, model, weights, options);
  const session = await loadSession(device, graphs, weights);
  const { executables } = session;
  const prefill = Object.entries(executables)
    .filter(([name]) => name.startsWith('prefill '))
    .map(([name, executable]) => ({ tokens: Number(name.slice('prefill '.length)), executable }))
    .sort((a, b) => a.tokens - b.tokens);
  return {
    config: model.config,
    device,
    capacity: model.graph.symbols.keys!.max,
    decode: executables.decode!,
    prefill,
    score: executables.score,
    session,
    plannedBytes: plannedBytes(graphs),
    dispose: () => session.dispose(),
  };
}

/** The compiled steps of a model, without a device touched: for `explain` and for planning. */
export function compileModel(
  { capabilities }: Pick<Device, 'capabilities'>,
  model: ModelGraph,
  weights: StateDict,
  options: LoadOptions = {},
): Record<string, CompiledGraph> {
  const { graph } = model;
  const layouts = new Map([...weights].map(([name, tensor]) => [name, tensor.layout]));
  const most = graph.symbols.tokens!.max;
  const buckets = (options.buckets ?? [most]).filter((bucket) => bucket !== 1);
  if (!buckets.every((bucket) => Number.isInteger(bucket) && bucket >= 1 && bucket <= most))
    throw new TilewrightError('bad-argument', {
      subject: 'loadLanguageModel',
      problem: `the buckets are ${buckets.join(', ')}`,
      requirement: `the graph takes whole numbers of tokens, at most ${most} at a time`,
      fix: 'build the graph with a larger maxTokens, or use smaller buckets',
    });
  const { scoring } = options;
  const kernels = [...languageModelKernels, ...(scoring ?? [])];
  const step = (part: Graph, tokens: number): CompiledGraph =>
    compile(part, { kernels, capabilities, layouts, sizes: { tokens } });
  const reading = withOutputs(graph, []);
  return {
    decode: step(withOutputs(graph, [outputs.token]), 1),
    ...Object.fromEntries(buckets.map((tokens) => [`prefill ${tokens}`, step(reading, tokens)])),
    ...(scoring && {
      score: step(withOutputs(graph, [outputs.logits, outputs.argmax, outputs.loss]), most),
    }),
  };
}
