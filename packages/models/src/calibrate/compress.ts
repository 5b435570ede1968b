import { compile, loadSession, subgraph, withGramTaps } from '@tilewright/graph';
import { type HostTensor, type StateDict, TilewrightError } from '@tilewright/kernels';
import {
  type CompressionProgress,
  type CompressionReport,
  compressTensor,
  type GramStatistics,
  type LayerReport,
  type Recipe,
  summarize,
} from '@tilewright/compression';
import type { WeightCodec } from '@tilewright/kernels/weights';
import type { Device } from '@tilewright/runtime';
import { positionsFrom, wantedBy } from '../tasks/generate.ts';
import { checkTokens } from '../tasks/requests.ts';
import type { LanguageGraph } from '../tasks/language-model.ts';

export interface CompressOptions {
  /** Of the formats that the weights and what becomes of them are stored in. */
  readonly codecs: readonly WeightCodec[];
  /** Token windows to calibrate on, each at most the graph's `tokens`; only recipes with statistics need them. */
  readonly windows?: readonly (readonly number[])[];
  readonly onProgress?: (progress: CompressionProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Compresses the linear weights of a model block by block: the statistics of each block are those of inputs that the
 * already compressed blocks before it make, as GPTQ and SparseGPT do. Prepared dense weights in, a new state out; the
 * graph stays the same.
 *
 * Throws `bad-argument` where the recipe needs statistics and there are no windows, `aborted`, and what the recipe throws.
 */
export async function compressModel(
  device: Device,
  model: LanguageGraph,
  weights: StateDict,
  recipe: Recipe,
  options: CompressOptions,
): Promise<{ readonly weights: StateDict; readonly report: CompressionReport }> {
  const compressed = new Map(weights);
  const layers: LayerReport[] = [];
  const apply = async (name: string, statistics?: GramStatistics): Promise<void> => {
    assertNotAborted(options.signal);
    const tensorBefore = weightNamed(weights, name);
    const input = { name, tensor: tensorBefore, codecs: options.codecs, ...(statistics && { statistics }) };
    const { tensor, report } = compressTensor(recipe, input);
    compressed.set(name, tensor);
    layers.push(report);
    options.onProgress?.({ done: layers.length, total: model.linearWeights.length, layer: report });
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  if (recipe.needs === 'none') {
    for (const name of model.linearWeights) await apply(name);
    return { weights: compressed, report: summarize(recipe, layers) };
  }
  const windows = options.windows ?? [];
  if (windows.length === 0)
    throw new TilewrightError('bad-argument', {
      subject: recipe.name,
      problem: 'there is no text to calibrate on',
      requirement: 'this recipe needs the inputs of every layer',
      fix: 'give windows of tokens, of a text or of what the model writes itself',
    });
  for (const window of windows) checkTokens(recipe.name, window, model.tasks.vocabulary);
  let hidden = await embedWindows(device, model, weights, windows);
  for (const block of model.blocks) {
    assertNotAborted(options.signal);
    const statistics = await gatherGrams(device, model, weights, block, hidden);
    for (const [name, each] of statistics) await apply(name, each);
    hidden = await advance(device, model, compressed, block, hidden);
  }
  return { weights: compressed, report: summarize(recipe, layers) };
}

function weightNamed(weights: StateDict, name: string): HostTensor {
  const tensor = weights.get(name);
  if (tensor) return tensor;
  throw new TilewrightError('bad-model', {
    subject: 'compressModel',
    problem: `there is no weight '${name}'`,
    requirement: 'the graph of this model has one',
    fix: 'give the weights that openModel or prepareModel made for this model',
  });
}

type Block = LanguageGraph['blocks'][number];

const formatsOf = (weights: StateDict): Map<string, HostTensor['format']> =>
  new Map([...weights].map(([name, tensor]) => [name, tensor.format]));

/** Runs a part of the graph over windows, one after the other; `each` sees the executable after every window. */
async function runWindows(
  device: Device,
  part: ReturnType<typeof subgraph>,
  weights: StateDict,
  fused: boolean,
  windows: readonly {
    readonly count: number;
    readonly inputs: Readonly<Record<string, Float32Array | Uint32Array>>;
  }[],
  output: string | undefined,
  finish?: (session: Awaited<ReturnType<typeof loadSession>>) => Promise<void>,
): Promise<Float32Array[]> {
  const tokens = Math.max(...windows.map((window) => window.count));
  const compiled = compile(part, {
    capabilities: device.capabilities,
    formats: formatsOf(weights),
    sizes: { tokens },
    fuse: fused,
  });
  const session = await loadSession(device, { part: compiled }, weights);
  try {
    const { part: executable } = session.executables;
    const results: Float32Array[] = [];
    for (const { count, inputs } of windows) {
      executable!.run({ tokens: count, keys: count }, wantedBy(executable!, inputs));
      if (output) results.push((await executable!.read(output)) as Float32Array);
    }
    await finish?.(session);
    return results;
  } finally {
    session.dispose();
  }
}

function embedWindows(
  device: Device,
  model: LanguageGraph,
  weights: StateDict,
  windows: readonly (readonly number[])[],
): Promise<Float32Array[]> {
  const first = model.blocks[0]!.input;
  const inputs = windows.map((window) => ({
    count: window.length,
    inputs: { ids: Uint32Array.from(window) },
  }));
  return runWindows(device, subgraph(model.graph, [], [first]), weights, true, inputs, first);
}

/** The size of the hidden states that enter a block. */
const widthOf = ({ graph }: LanguageGraph, { input }: Block): number =>
  Number(graph.values[input]!.shape.at(-1));

const stepInputs = (
  model: LanguageGraph,
  block: Block,
  hidden: readonly Float32Array[],
): { count: number; inputs: Record<string, Float32Array | Uint32Array> }[] =>
  hidden.map((values) => {
    const count = values.length / widthOf(model, block);
    return {
      count,
      inputs: { [block.input]: values, positions: positionsFrom(0, count), lengths: Uint32Array.of(count) },
    };
  });

/** The Gram matrices of one block's linear layers, dense, on inputs that the compressed blocks before it made. */
async function gatherGrams(
  device: Device,
  model: LanguageGraph,
  weights: StateDict,
  block: Block,
  hidden: readonly Float32Array[],
): Promise<Map<string, GramStatistics>> {
  const part = subgraph(model.graph, [block.input], [block.output]);
  const linear = new Set(model.linearWeights.filter((name) => part.weights[name]));
  const { graph, gramOf } = withGramTaps(part, linear);
  const samples = hidden.reduce((sum, values) => sum + values.length / widthOf(model, block), 0);
  const statistics = new Map<string, GramStatistics>();
  await runWindows(
    device,
    graph,
    weights,
    false,
    stepInputs(model, block, hidden),
    undefined,
    async (session) => {
      const grams = new Map<string, Float32Array>();
      for (const [weight, state] of gramOf) {
        const known = grams.get(state);
        const gram =
          known ?? new Float32Array((await device.memory.download(session.slice('state', state))).buffer);
        grams.set(state, gram);
        const k = Number(graph.values[state]!.shape[0]);
        statistics.set(weight, { gram: gram.subarray(0, k * k), columns: k, samples });
      }
    },
  );
  return statistics;
}

const advance = (
  device: Device,
  model: LanguageGraph,
  weights: StateDict,
  block: Block,
  hidden: readonly Float32Array[],
): Promise<Float32Array[]> =>
  runWindows(
    device,
    subgraph(model.graph, [block.input], [block.output]),
    weights,
    true,
    stepInputs(model, block, hidden),
    block.output,
  );

function assertNotAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new TilewrightError(
      'aborted',
      { subject: 'compressModel', problem: 'it was aborted' },
      { cause: signal.reason },
    );
}
