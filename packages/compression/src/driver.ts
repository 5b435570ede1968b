import {
  type Arranged,
  checkKinds,
  type Executable,
  type Graph,
  type Session,
  type ValueData,
} from '@tilewright/graph';
import { arrange, compile, loadSession, subgraph } from '@tilewright/graph/unchecked';
import {
  callback,
  checkOptions,
  having,
  listOf,
  type OptionKind,
  optional,
  type Sizes,
  TilewrightError,
} from '@tilewright/kernels';
import type { StateDict, WeightCodec } from '@tilewright/kernels/weights';
import type { Device } from '@tilewright/runtime';
import { checkCompressionKinds } from './check-kinds.ts';
import { missingWeight } from './missing-weight.ts';
import { needsStatistics, type Recipe, type RecipePart, type Stage, type WeightChange } from './recipe.ts';
import { type CompressionReport, type LayerReport, measureWeight, summarize } from './report.ts';
import { linearInputs, scaleSites } from './scale-sites.ts';
import type { Statistic, StatisticValues } from './statistic.ts';
import { withTaps } from './taps.ts';

/** What a text is to a graph: the sizes of its symbols, and its inputs. */
export interface Feed {
  readonly sizes: Sizes;
  readonly inputs: Readonly<Record<string, ValueData>>;
}

/** A model that can be compressed: its graph in published names, and where it can be cut. */
export interface CompressibleModel {
  readonly graph: Graph;
  /** Values before and after each block; a block reads the one before it. */
  readonly blocks: readonly { readonly input: string; readonly output: string }[];
}

/** Sent after each weight. */
export interface CompressionProgress {
  /** Weights done, and to do in all. */
  readonly done: number;
  readonly total: number;
  readonly layer: LayerReport;
}

export interface CompressOptions {
  /** Of the formats that the weights and what becomes of them are stored in. */
  readonly codecs: readonly WeightCodec[];
  /** Which of the weights; default all that are of linear layers inside the blocks. */
  readonly select?: (weight: string) => boolean;
  /** Texts to calibrate on; only recipes with statistics need them. */
  readonly feeds?: readonly Feed[];
  readonly onProgress?: (progress: CompressionProgress) => void;
  /** An `AbortSignal`, looked at before each weight and each run of the model. */
  readonly signal?: { readonly aborted: boolean; readonly reason?: unknown };
}

/** The weights that recipes work on: those of the linear layers inside the blocks, by published name. */
export function linearWeightsOf(model: CompressibleModel): readonly string[] {
  checkCompressionKinds('linearWeightsOf', { model });
  return model.blocks.flatMap(({ input, output }) => [
    ...linearInputs(subgraph(model.graph, [input], [output])).keys(),
  ]);
}

/**
 * Applies a recipe to a model block by block: the statistics of each block are those of inputs that the already
 * compressed blocks before it make, as GPTQ and SparseGPT do. A state in published names goes in, another comes out.
 *
 * Throws `bad-argument` for what is no such argument, and where the recipe needs statistics and there are no texts, `aborted`, and what
 * the recipe throws.
 */
export async function compressState(
  device: Device,
  model: CompressibleModel,
  state: StateDict,
  recipe: Recipe,
  options: CompressOptions,
): Promise<{ readonly state: StateDict; readonly report: CompressionReport }> {
  const subject = 'compressState';
  checkKinds(subject, { device, weights: state });
  checkCompressionKinds(subject, { model, recipe });
  checkOptions(subject, options, {
    codecs: listOf(having('a codec of weights', 'family')),
    select: optional(callback),
    feeds: optional(listOf(having('sizes and inputs of a text', 'sizes', 'inputs'))),
    onProgress: optional(callback),
    signal: optional(having('an AbortSignal', 'aborted')),
  } satisfies Record<keyof CompressOptions, OptionKind>);
  const { feeds = [], codecs, select = () => true, onProgress, signal } = options;
  const calibrates = needsStatistics(recipe);
  if (calibrates && feeds.length === 0)
    throw new TilewrightError('bad-argument', {
      subject: recipe.name,
      problem: 'there is no text to calibrate on',
      requirement: 'this recipe needs the inputs of every layer',
      fix: 'give windows of tokens, of a text or of what the model writes itself',
    });
  for (const name of linearWeightsOf(model).filter(select)) if (!state.has(name)) throw missingWeight(name);
  const runs = model.blocks.map((block) => subgraph(model.graph, [block.input], [block.output]));
  const total = runs.flatMap((part) => [...linearInputs(part).keys()].filter(select)).length;
  const assertNotAborted = (): void => {
    if (signal?.aborted)
      throw new TilewrightError(
        'aborted',
        {
          subject: recipe.name,
          problem: `stopped after ${layers.length} of ${total} weights`,
          requirement: 'the caller aborted',
        },
        { cause: signal.reason },
      );
  };
  const layers: LayerReport[] = [];
  const changed = new Map(state);
  // What a weight is measured against: as it was, but for scales that moved.
  let before: StateDict = state;
  let hidden = calibrates ? await enterBlocks(device, model, changed, feeds) : [];
  for (const [index, block] of model.blocks.entries()) {
    const part = runs[index]!;
    const weights = [...linearInputs(part).keys()].filter(select);
    const blockFeeds = feeds.map(({ sizes, inputs }, i) => ({
      sizes,
      inputs: { ...inputs, [block.input]: hidden[i]! },
    }));
    let known: ReadonlyMap<string, StatisticValues> = new Map();
    for (const [stageIndex, stage] of recipe.stages.entries()) {
      assertNotAborted();
      const missing = stage.statistics.filter(({ id }) => weights.some((name) => !known.get(name)?.has(id)));
      if (missing.length > 0) known = await gather(device, part, changed, known, missing, blockFeeds);
      const isLast = stageIndex === recipe.stages.length - 1;
      await applyStage(
        stage,
        {
          state: changed,
          weights,
          sites: scaleSites(part),
          statistics: (name) => known.get(name),
          codecs,
        },
        (name, tensor) => {
          assertNotAborted();
          changed.set(name, tensor);
          if (!isLast || !weights.includes(name)) return;
          const layer = measureWeight(name, before.get(name)!, tensor, known.get(name), codecs);
          layers.push(layer);
          onProgress?.({ done: layers.length, total, layer });
        },
      );
      if (!stage.changesInputs) continue;
      known = new Map();
      if (!isLast) before = new Map(changed);
    }
    if (calibrates && index < model.blocks.length - 1) {
      assertNotAborted();
      hidden = await runFeeds(device, arrange(part, changed), blockFeeds, block.output);
    }
  }
  return { state: changed, report: summarize(recipe, layers) };
}

/** A stage's changes, one by one, with a turn for timers, input and drawing after each. */
async function applyStage(
  stage: Stage,
  part: RecipePart,
  onChange: (...change: WeightChange) => void,
): Promise<void> {
  const before = new Map(part.state);
  for (const change of stage.rewrite({ ...part, state: before })) {
    onChange(...change);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

/** The values that enter the first block. */
const enterBlocks = (
  device: Device,
  { graph, blocks }: CompressibleModel,
  state: StateDict,
  feeds: readonly Feed[],
): Promise<Float32Array[]> => {
  const first = blocks[0]!.input;
  return runFeeds(device, arrange(subgraph(graph, [], [first]), state), feeds, first);
};

/** Runs a part of the model over texts, one after the other. */
async function runFeeds(
  device: Device,
  { graph, weights }: Arranged,
  feeds: readonly Feed[],
  output: string | undefined,
  finish?: (session: Session) => Promise<void>,
  fuse = true,
): Promise<Float32Array[]> {
  const largest: Record<string, number> = {};
  for (const { sizes } of feeds)
    for (const [symbol, size] of Object.entries(sizes))
      largest[symbol] = Math.max(size, largest[symbol] ?? 0);
  const compiled = compile(graph, {
    capabilities: device.capabilities,
    formats: new Map([...weights].map(([name, { format }]) => [name, format])),
    sizes: largest,
    fuse,
  });
  const session = await loadSession(device, { part: compiled }, weights);
  try {
    const executable = session.executables.part!;
    const results: Float32Array[] = [];
    for (const { sizes, inputs } of feeds) {
      executable.run(sizes, wantedBy(executable, inputs));
      if (output !== undefined) results.push((await executable.read(output)) as Float32Array);
    }
    await finish?.(session);
    return results;
  } finally {
    session.dispose();
  }
}

const wantedBy = ({ compiled }: Executable, inputs: Feed['inputs']): Feed['inputs'] =>
  Object.fromEntries(Object.entries(inputs).filter(([name]) => compiled.graph.inputs.includes(name)));

/** Statistics of the inputs of one block's linear layers, added to those that are known. */
async function gather(
  device: Device,
  part: Graph,
  state: StateDict,
  known: ReadonlyMap<string, StatisticValues>,
  statistics: readonly Statistic[],
  feeds: readonly Feed[],
): Promise<ReadonlyMap<string, StatisticValues>> {
  const arranged = arrange(part, state);
  const { graph, taps } = withTaps(arranged.graph, statistics, linearInputs(part));
  const result = new Map<string, Map<string, unknown>>();
  const tapped = { graph, weights: arranged.weights };
  await runFeeds(
    device,
    tapped,
    feeds,
    undefined,
    async (session) => {
      const sums = new Map<string, Float32Array>();
      for (const { weight, statistic, state: name, columns } of taps) {
        const count = statistic.shape(columns).reduce((product, size) => product * size, 1);
        const slice = session.slice('state', name);
        const sum =
          sums.get(name) ?? new Float32Array((await device.memory.download(slice)).buffer).subarray(0, count);
        sums.set(name, sum);
        const samples = feeds.reduce((samplesSoFar, feed) => samplesSoFar + inputRows(feed, part), 0);
        const values = result.get(weight) ?? new Map(known.get(weight));
        result.set(weight, values.set(statistic.id, statistic.finish(sum, { columns, samples })));
      }
    },
    false,
  );
  return result;
}

/** Rows of the value that enters a part, for one text. */
function inputRows({ inputs }: Feed, { values, inputs: names }: Graph): number {
  const entering = names.at(-1)!;
  return (inputs[entering] as Float32Array).length / Number(values[entering]!.shape.at(-1));
}
