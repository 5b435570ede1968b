import type { HostTensor, StateDict, WeightCodec } from '@tilewright/kernels/weights';
import { callback, checkOptions, TilewrightError } from '@tilewright/kernels';
import type { CompressibleModel } from './calibration.ts';
import { checkCompressionKinds } from './check-kinds.ts';
import type { ScaleSite } from './scale-sites.ts';
import type { Statistic, StatisticValues } from './statistic.ts';
import type { RotationSite } from './turning.ts';

/** A weight as a recipe changed it, by its published name. */
export type WeightChange = readonly [name: string, tensor: HostTensor];

/** What a recipe sees of a model: one block at a time, or a single weight. */
export interface RecipePart {
  /** All weights of the model by published name, as they are now. */
  readonly state: StateDict;
  /** Which of them are weights `[outputs, inputs]` of linear layers in this part, in the order in which they run. */
  readonly weights: readonly string[];
  /** Where scales of columns can move to in this part. */
  readonly sites: readonly ScaleSite[];
  /** Where columns can change places in this part. */
  channels(): readonly RotationSite[];
  /** Statistics of the inputs of a weight. */
  statistics(weight: string): StatisticValues | undefined;
  /** Of the formats that the weights and what becomes of them are stored in. */
  readonly codecs: readonly WeightCodec[];
}

/** One pass over a part. */
export interface Stage {
  /** Of the inputs of every weight of the part. */
  readonly statistics: readonly Statistic[];
  /** True where it changes what statistics of inputs would say: what comes after it gathers them anew. */
  readonly changesInputs?: boolean;
  /**
   * True where weights that read one value are a part of their own: it is rewritten before the statistics of the next are
   * gathered. Else all of a block are one part.
   */
  readonly sequential?: boolean;
  /**
   * The weights that change, each as soon as it is made; the part is only read. Throws `TilewrightError` for what it cannot
   * take.
   */
  readonly rewrite: (part: RecipePart) => Iterable<WeightChange>;
}

/** A change of the whole model, before its parts are looked at, after which it computes what it did. */
export interface Rewrite {
  readonly name: string;
  /** The weights that change, by published name. Throws `TilewrightError` for a model that does not allow it. */
  readonly apply: (
    model: CompressibleModel,
    state: StateDict,
    codecs: readonly WeightCodec[],
  ) => Iterable<WeightChange>;
}

/** A way to make a model smaller, or easier to make smaller: a value that maps a state to a state in published names. */
export interface Recipe {
  /** Short and unique, as in reports: `int4-gptq`, `2:4-wanda`. */
  readonly name: string;
  /** In turn, on the whole model, before all stages; default none. */
  readonly rewrites?: readonly Rewrite[];
  /** In turn, on every part of the model. */
  readonly stages: readonly Stage[];
}

/** One weight to be compressed. */
export interface WeightInput {
  /** For messages. */
  readonly name: string;
  /** A weight `[outputs, inputs]`. */
  readonly tensor: HostTensor;
  readonly statistics?: StatisticValues;
  readonly codecs: readonly WeightCodec[];
}

/** A recipe that looks at one weight of a linear layer at a time: `compress` is a pure function of it. */
export function perWeight(
  name: string,
  statistics: readonly Statistic[],
  compress: (input: WeightInput) => HostTensor,
  options: Pick<Stage, 'sequential'> = {},
): Recipe {
  checkCompressionKinds('perWeight', { statistics });
  checkOptions('perWeight', { compress }, { compress: callback });
  const rewrite = function* (part: RecipePart): Generator<WeightChange> {
    for (const weight of part.weights) yield [weight, compress(weightInput(part, weight))];
  };
  return Object.freeze({ name, stages: [{ statistics, rewrite, ...options }] });
}

/** One weight of a part. */
export function weightInput(part: RecipePart, name: string): WeightInput {
  checkCompressionKinds('weightInput', { part });
  const { state, codecs, statistics } = part;
  const known = statistics(name);
  return {
    name,
    tensor: state.get(name)!,
    codecs,
    ...(known && { statistics: known }),
  };
}

/**
 * `first`, then `second` on what it made: N:M pruning and then integers, for instance. Throws `bad-argument` where `second` rewrites the
 * whole model, and `first` goes part by part.
 */
export function compose(first: Recipe, second: Recipe): Recipe {
  checkCompressionKinds('compose', { first, second });
  const [late] = second.rewrites ?? [];
  if (late !== undefined && first.stages.length > 0)
    throw new TilewrightError('bad-argument', {
      subject: 'compose',
      problem: `'${late.name}' stands behind '${first.name}'`,
      requirement: 'it changes the whole model, which the other goes through part by part',
      fix: 'put it first',
    });
  const rewrites = [...(first.rewrites ?? []), ...(second.rewrites ?? [])];
  return {
    name: `${first.name}+${second.name}`,
    ...(rewrites.length > 0 && { rewrites }),
    stages: [...first.stages, ...second.stages],
  };
}

/** The weights of a model after the rewrites of a recipe. Throws what these throw. */
export function rewritten(
  { rewrites = [] }: Recipe,
  model: CompressibleModel,
  state: StateDict,
  codecs: readonly WeightCodec[],
): Map<string, HostTensor> {
  const changed = new Map(state);
  for (const { apply } of rewrites)
    for (const change of apply(model, new Map(changed), codecs)) changed.set(...change);
  return changed;
}

/** Whether a recipe wants calibration text. */
export function needsStatistics(recipe: Recipe): boolean {
  checkCompressionKinds('needsStatistics', { recipe });
  return recipe.stages.some(({ statistics }) => statistics.length > 0);
}
