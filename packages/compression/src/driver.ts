import { checkKinds, type Graph } from '@tilewright/graph';
import { arrange, subgraph } from '@tilewright/graph/unchecked';
import { TilewrightError } from '@tilewright/kernels';
import type { HostTensor, StateDict, WeightCodec } from '@tilewright/kernels/weights';
import type { Device } from '@tilewright/runtime';
import { type CompressibleModel, enterBlocks, type Feed, gather, runFeeds } from './calibration.ts';
import { channelSites } from './channel-sites.ts';
import { checkCompressionKinds } from './check-kinds.ts';
import { missingWeight } from './missing-weight.ts';
import {
  needsStatistics,
  type Recipe,
  type RecipePart,
  rewritten,
  type Stage,
  type WeightChange,
} from './recipe.ts';
import { type CompressionReport, type LayerReport, measureWeight, summarize } from './report.ts';
import { linearInputs, scaleSites } from './scale-sites.ts';
import type { StatisticValues } from './statistic.ts';
import type { RotationSite } from './turning.ts';

/** What became of a block: all that is needed to go on behind it. */
export interface BlockResult {
  /** Weights that changed, by published name. */
  readonly changes: StateDict;
  readonly layers: readonly LayerReport[];
}

/** Where finished blocks are kept, so that what was interrupted goes on behind the last of them. */
export interface Checkpoints {
  readonly load: (block: number) => Promise<BlockResult | undefined>;
  readonly save: (block: number, result: BlockResult) => Promise<void>;
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
  /** Keeps finished blocks, of this model, recipe and texts and no other; none by default. */
  readonly checkpoints?: Checkpoints;
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

const optionNames = Object.keys({
  codecs: true,
  select: true,
  feeds: true,
  onProgress: true,
  checkpoints: true,
  signal: true,
} satisfies Record<keyof CompressOptions, true>);

/**
 * Applies a recipe to a model block by block: the statistics of each block are those of inputs that the already
 * compressed blocks before it make, as GPTQ and SparseGPT do. A state in published names goes in, another comes out. What the recipe
 * rewrites of the whole model comes first, and nothing is measured against the weights before it.
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
  checkCompressionKinds(subject, options, optionNames);
  const { feeds = [], codecs, select = () => true, onProgress, checkpoints, signal } = options;
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
  const changed = rewritten(recipe, model, state, codecs);
  /** All stages on one block; what it changes is in `changed` afterwards. */
  const compressBlock = async (
    blockFeeds: readonly Feed[],
    part: Graph,
    weights: readonly string[],
  ): Promise<BlockResult> => {
    const changes = new Map<string, HostTensor>();
    const firstLayer = layers.length;
    // Sites may have weights that are not selected.
    const all = [...linearInputs(part).keys()];
    // What a weight is measured against: as it was, but for scales that moved.
    let before: StateDict = new Map(changed);
    let known: ReadonlyMap<string, StatisticValues> = new Map();
    for (const [stageIndex, stage] of recipe.stages.entries()) {
      const isLast = stageIndex === recipe.stages.length - 1;
      for (const group of stage.sequential ? weightsByInput(part, weights) : [weights]) {
        assertNotAborted();
        // Those before it have changed what it reads.
        if (stage.sequential) known = new Map();
        const missing = stage.statistics.filter(({ id }) => group.some((name) => !known.get(name)?.has(id)));
        if (missing.length > 0)
          known = await gather(
            device,
            part,
            changed,
            known,
            missing,
            blockFeeds,
            stage.sequential ? group : all,
          );
        const channels = (): readonly RotationSite[] => channelSites(part);
        const statistics = (name: string): StatisticValues | undefined => known.get(name);
        const seen = {
          state: changed,
          weights: group,
          sites: scaleSites(part),
          channels,
          statistics,
          codecs,
        };
        await applyStage(stage, seen, (name, tensor) => {
          assertNotAborted();
          changed.set(name, tensor);
          changes.set(name, tensor);
          if (!isLast || !group.includes(name)) return;
          const layer = measureWeight(name, before.get(name)!, tensor, known.get(name), codecs);
          layers.push(layer);
          onProgress?.({ done: layers.length, total, layer });
        });
      }
      if (!stage.changesInputs && !stage.sequential) continue;
      known = new Map();
      if (stage.changesInputs && !isLast) before = new Map(changed);
    }
    return { changes, layers: layers.slice(firstLayer) };
  };
  let hidden = calibrates ? await enterBlocks(device, model, changed, feeds) : [];
  for (const [index, block] of model.blocks.entries()) {
    const part = runs[index]!;
    const weights = [...linearInputs(part).keys()].filter(select);
    const blockFeeds = feeds.map(({ sizes, inputs }, i) => ({
      sizes,
      inputs: { ...inputs, [block.input]: hidden[i]! },
    }));
    const done = await checkpoints?.load(index);
    if (done) {
      for (const change of done.changes) changed.set(...change);
      for (const layer of done.layers) {
        layers.push(layer);
        onProgress?.({ done: layers.length, total, layer });
      }
    } else {
      const found = await compressBlock(blockFeeds, part, weights);
      await checkpoints?.save(index, found);
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

/** The weights of a part by the value they read, in the order in which they run. */
function weightsByInput(part: Graph, weights: readonly string[]): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>();
  for (const [name, input] of linearInputs(part))
    if (weights.includes(name)) groups.set(input, [...(groups.get(input) ?? []), name]);
  return [...groups.values()];
}
