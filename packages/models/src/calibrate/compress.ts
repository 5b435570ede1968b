import {
  chooseUnderBudget,
  compressState,
  type CompressionProgress,
  type CompressionReport,
  type Feed,
  needsStatistics,
  type Recipe,
} from '@tilewright/compression';
import {
  anyValue,
  callback,
  checkOptions,
  finiteNumber,
  having,
  listOf,
  type OptionKind,
  optional,
  type StateDict,
} from '@tilewright/kernels';
import type { WeightCodec } from '@tilewright/kernels/weights';
import type { Device } from '@tilewright/runtime';
import { sequenceFrom } from '../tasks/generate.ts';
import { divergenceOfWeights } from './sensitivity.ts';
import type { LanguageGraph } from '../tasks/language-model.ts';
import { checkLoadable, checkTokens } from '../tasks/requests.ts';

export interface CompressOptions {
  /** Of the formats that the weights and what becomes of them are stored in. */
  readonly codecs: readonly WeightCodec[];
  /** Token windows to calibrate on, each at most the graph's `tokens`; only recipes with statistics need them. */
  readonly windows?: readonly (readonly number[])[];
  readonly onProgress?: (progress: CompressionProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Compresses the linear weights of a language model block by block, on token windows that run through what is already
 * compressed. Weights by published name in, a new state out; the graph stays the same.
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
  const subject = 'compressModel';
  checkOptions(subject, options, {
    codecs: listOf(anyValue),
    windows: optional(listOf(having('a list of tokens', 'length'))),
    onProgress: optional(callback),
    signal: optional(having('an AbortSignal', 'aborted')),
  });
  checkLoadable(subject, device, { model, weights }, 'a language model', 'decode');
  checkOptions(
    subject,
    { recipe },
    { recipe: having('a recipe, as rtn or compose makes one', 'name', 'stages') },
  );
  const { windows = [], ...rest } = options;
  for (const window of windows) checkTokens(recipe.name, window, model.tasks.vocabulary);
  const feeds = needsStatistics(recipe) ? windows.map(feedOf) : [];
  const { state, report } = await compressState(device, model, weights, recipe, { ...rest, feeds });
  return { weights: state, report };
}

/** What {@link chooseForModel} may be told. */
export interface ChooseOptions extends Pick<CompressOptions, 'codecs' | 'signal'> {
  /** Token windows to measure on, each at most the graph's `tokens`. */
  readonly windows: readonly (readonly number[])[];
  /** For all linear weights together. */
  readonly bytes: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Chooses for each linear weight of a language model one of several recipes, so that all fit into a budget of bytes: by errors
 * measured on token windows, each counted by how far it moves what the model says (Kullback–Leibler): see `chooseUnderBudget`. Throws what that throws.
 */
export async function chooseForModel(
  device: Device,
  model: LanguageGraph,
  weights: StateDict,
  candidates: readonly Recipe[],
  options: ChooseOptions,
): ReturnType<typeof chooseUnderBudget> {
  const subject = 'chooseForModel';
  checkOptions(subject, options, {
    codecs: listOf(anyValue),
    windows: listOf(having('a list of tokens', 'length')),
    bytes: finiteNumber,
    onProgress: optional(callback),
    signal: optional(having('an AbortSignal', 'aborted')),
  } satisfies Record<keyof ChooseOptions, OptionKind>);
  checkLoadable(subject, device, { model, weights }, 'a language model', 'decode');
  const { windows, ...rest } = options;
  for (const window of windows) checkTokens(subject, window, model.tasks.vocabulary);
  const harm = await divergenceOfWeights(device, model, weights, windows);
  return chooseUnderBudget(device, model, weights, candidates, { ...rest, harm, feeds: windows.map(feedOf) });
}

/** A window as one step from an empty cache. */
export const feedOf = (window: readonly number[]): Feed => ({
  sizes: { tokens: window.length, keys: window.length },
  inputs: {
    ids: Uint32Array.from(window),
    sequences: sequenceFrom(0, window.length),
  },
});
