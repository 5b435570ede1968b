import { compile, loadSession, subgraph, withGramTaps } from '@tilewright/graph';
import { type HostTensor, type StateDict, TilewrightError } from '@tilewright/kernels';
import type { Device } from '@tilewright/runtime';
import { positionsFrom } from '../language-model/generate.ts';
import { calibrationKernels } from '../language-model/kernels.ts';
import type { ModelGraph } from '../language-model/language-model.ts';

/** Sum of `x xᵀ` over the inputs a layer saw, `[columns, columns]`, and how many there were. */
export interface GramStatistics {
  readonly gram: Float32Array;
  readonly samples: number;
}

/** One weight at a time: what `@tilewright/quant` and `@tilewright/prune` offer. */
export interface WeightCompressor {
  /** `gram` recipes see the inputs of each layer as the already compressed layers before it make them. */
  readonly needs: 'none' | 'gram';
  readonly compress: (tensor: HostTensor, statistics: GramStatistics | undefined) => CompressedWeight;
}

export interface CompressedWeight {
  readonly tensor: HostTensor;
  /** tr((W - Ŵ) H (W - Ŵ)ᵀ) / tr(W H Wᵀ); relative squared error where there are no statistics. */
  readonly error: number;
}

export interface LayerReport {
  readonly name: string;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly error: number;
}

export interface CompressOptions {
  /** Token windows to calibrate on, each at most the graph's `tokens`. */
  readonly windows?: readonly (readonly number[])[];
  readonly onProgress?: (done: number, of: number, weight: string) => void;
  readonly signal?: AbortSignal;
}

/** Prepared dense weights in, compressed weights out; the graph stays the same. */
export async function compressModel(
  device: Device,
  model: ModelGraph,
  weights: StateDict,
  compressor: WeightCompressor,
  options: CompressOptions = {},
): Promise<{ readonly weights: StateDict; readonly report: readonly LayerReport[] }> {
  const compressed = new Map(weights);
  const report: LayerReport[] = [];
  const apply = async (name: string, statistics?: GramStatistics): Promise<void> => {
    assertNotAborted(options.signal);
    const before = weights.get(name)!;
    const { tensor, error } = compressor.compress(before, statistics);
    compressed.set(name, tensor);
    report.push({ name, bytesBefore: before.bytes.byteLength, bytesAfter: tensor.bytes.byteLength, error });
    options.onProgress?.(report.length, model.linearWeights.length, name);
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  if (compressor.needs === 'none') {
    for (const name of model.linearWeights) await apply(name);
    return { weights: compressed, report };
  }
  const windows = options.windows ?? [];
  if (windows.length === 0)
    throw new TilewrightError('bad-argument', {
      subject: 'compressModel',
      problem: 'there is no text to calibrate on',
      requirement: 'this recipe needs the inputs of every layer',
      fix: 'give windows of tokens, of a text or of what the model writes itself',
    });
  let hidden = await embedWindows(device, model, weights, windows);
  for (const block of model.blocks) {
    const statistics = await gatherGrams(device, model, weights, block, hidden);
    for (const [name, each] of statistics) await apply(name, each);
    hidden = await advance(device, model, compressed, block, hidden);
  }
  return { weights: compressed, report };
}

type Block = ModelGraph['blocks'][number];

const layoutsOf = (weights: StateDict): Map<string, HostTensor['layout']> =>
  new Map([...weights].map(([name, tensor]) => [name, tensor.layout]));

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
    kernels: calibrationKernels,
    capabilities: device.capabilities,
    layouts: layoutsOf(weights),
    sizes: { tokens },
    fuse: fused,
  });
  const session = await loadSession(device, { part: compiled }, weights);
  try {
    const { part: executable } = session.executables;
    const results: Float32Array[] = [];
    for (const { count, inputs } of windows) {
      const wanted = Object.fromEntries(
        Object.entries(inputs).filter(([name]) => compiled.graph.inputs.includes(name)),
      );
      executable!.run({ tokens: count, keys: count }, wanted);
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
  model: ModelGraph,
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

const stepInputs = (
  model: ModelGraph,
  block: Block,
  hidden: readonly Float32Array[],
): { count: number; inputs: Record<string, Float32Array | Uint32Array> }[] =>
  hidden.map((values) => {
    const count = values.length / model.config.hidden_size;
    return {
      count,
      inputs: { [block.input]: values, positions: positionsFrom(0, count), lengths: Uint32Array.of(count) },
    };
  });

/** The Gram matrices of one block's linear layers, dense, on inputs that the compressed blocks before it made. */
async function gatherGrams(
  device: Device,
  model: ModelGraph,
  weights: StateDict,
  block: Block,
  hidden: readonly Float32Array[],
): Promise<Map<string, GramStatistics>> {
  const part = subgraph(model.graph, [block.input], [block.output]);
  const linear = new Set(model.linearWeights.filter((name) => part.weights[name]));
  const { graph, gramOf } = withGramTaps(part, linear);
  const samples = hidden.reduce((sum, values) => sum + values.length / model.config.hidden_size, 0);
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
        statistics.set(weight, { gram: gram.subarray(0, k * k), samples });
      }
    },
  );
  return statistics;
}

const advance = (
  device: Device,
  model: ModelGraph,
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
