import { checkKinds } from '@tilewright/graph';
import { TilewrightError } from '@tilewright/kernels';
import type { HostTensor, StateDict, WeightCodec } from '@tilewright/kernels/weights';
import type { Device } from '@tilewright/runtime';
import type { CompressibleModel, Feed } from './calibration.ts';
import { checkCompressionKinds } from './check-kinds.ts';
import { compressState, type CompressOptions, linearWeightsOf } from './driver.ts';
import { perWeight, type Recipe } from './recipe.ts';
import { compressWeight } from './report.ts';
import { gramStatistic } from './statistic.ts';

/** What one weight becomes. */
export interface Choice {
  readonly weight: string;
  /** The name of the candidate. */
  readonly recipe: string;
  readonly bytes: number;
  /** The relative squared error of the outputs that was measured for it. */
  readonly outputError: number;
  /** What the model loses by it alone, in the unit of `harm`; null where that was not measured. */
  readonly harm: number | null;
}

export interface BudgetOptions extends Pick<CompressOptions, 'signal'> {
  readonly codecs: readonly WeightCodec[];
  /** Texts that errors are measured on. */
  readonly feeds: readonly Feed[];
  /** For all weights of the linear layers together. */
  readonly bytes: number;
  /**
   * What a model loses with such weights, 0 for those it has: its divergence from itself, for instance. Called once for each weight, with the
   * smallest candidate for it; errors of its outputs then count by what they cost. Default: those of all weights count alike.
   */
  readonly harm?: (state: StateDict) => Promise<number>;
  /** After each weight that was measured. */
  readonly onProgress?: (done: number, total: number) => void;
}

const optionNames = Object.keys({
  codecs: true,
  feeds: true,
  bytes: true,
  harm: true,
  onProgress: true,
  signal: true,
} satisfies Record<keyof BudgetOptions, true>);

/**
 * Chooses for each weight one of several recipes, so that all weights together fit into a budget of bytes and the sum of the
 * relative errors of their outputs is small, each counted by what it does to the model where `harm` measures that (which grows
 * with the squared error while errors are small). Errors are measured: each candidate is tried on each weight, with the inputs that
 * the model as it is makes of the texts. From the smallest of each weight on, the budget goes where a byte saves most, along
 * the convex hull of each weight's candidates.
 *
 * Candidates are recipes of one step (`perWeight`). Returns a recipe of one step: composed behind others, it does what was chosen.
 * Throws `bad-argument` for a budget that the smallest do not fit into, and what candidates throw.
 */
export async function chooseUnderBudget(
  device: Device,
  model: CompressibleModel,
  state: StateDict,
  candidates: readonly Recipe[],
  options: BudgetOptions,
): Promise<{ readonly recipe: Recipe; readonly choices: readonly Choice[] }> {
  const subject = 'chooseUnderBudget';
  checkKinds(subject, { device, weights: state });
  checkCompressionKinds(subject, { model, candidates });
  checkCompressionKinds(subject, options, optionNames);
  const { codecs, feeds, bytes, harm, onProgress, signal } = options;
  const total = linearWeightsOf(model).length;
  const tried = new Map<string, readonly Option[]>();
  const measuring = perWeight('sensitivity', [gramStatistic], (input) => {
    const candidateOptions = candidates.map((candidate): Option => {
      const { report, tensor } = compressWeight(candidate, input);
      const error = report.outputError!;
      return { candidate, bytes: report.bytesAfter, error, cost: error, tensor };
    });
    const hull = convexHull(candidateOptions);
    // Of the tensors only that of the smallest is needed again, and only for harm.
    tried.set(
      input.name,
      hull.map(({ tensor, ...option }, i) => ({ ...option, ...(harm && i === 0 && { tensor }) })),
    );
    onProgress?.(tried.size, total);
    return input.tensor;
  });
  await compressState(device, model, state, measuring, { codecs, feeds, ...(signal && { signal }) });
  const weighed = new Map<string, readonly Option[]>();
  for (const [weight, hull] of tried) {
    const factor = harm ? await harmPerError(harm, state, weight, hull[0]!) : 1;
    weighed.set(
      weight,
      hull.map((option) => ({ ...option, cost: factor * option.error })),
    );
  }
  const chosen = spend(weighed, bytes);
  const statistics = [...new Set(candidates.flatMap(({ stages }) => stages[0]!.statistics))];
  const recipe = perWeight(
    `${candidates.map(({ name }) => name).join('/')}`,
    statistics,
    (input) => compressWeight(chosen.get(input.name)!.candidate, input).tensor,
  );
  const choices = [...chosen].map(([weight, option]) => ({
    weight,
    recipe: option.candidate.name,
    bytes: option.bytes,
    outputError: option.error,
    harm: harm ? option.cost : null,
  }));
  return { recipe, choices };
}

interface Option {
  readonly candidate: Recipe;
  readonly bytes: number;
  readonly error: number;
  /** What it is chosen by. */
  readonly cost: number;
  readonly tensor?: HostTensor;
}

/** What a model loses for each unit of a weight's relative output error, measured at the smallest candidate. */
async function harmPerError(
  harm: NonNullable<BudgetOptions['harm']>,
  state: StateDict,
  weight: string,
  { tensor, error }: Option,
): Promise<number> {
  return error === 0 ? 0 : (await harm(new Map(state).set(weight, tensor!))) / error;
}

/** Of the options those that none is better than in bytes and error, also none between two others; by bytes. */
function convexHull(options: readonly Option[]): readonly Option[] {
  const hull: Option[] = [];
  for (const option of options.toSorted((a, b) => a.bytes - b.bytes || a.error - b.error)) {
    if (hull.length > 0 && option.error >= hull.at(-1)!.error) continue;
    while (hull.length > 1 && gain(hull.at(-2)!, hull.at(-1)!) <= gain(hull.at(-1)!, option)) hull.pop();
    hull.push(option);
  }
  return hull;
}

/** What a byte more saves. */
const gain = (from: Option, to: Option): number => (from.cost - to.cost) / (to.bytes - from.bytes);

function spend(tried: ReadonlyMap<string, readonly Option[]>, budget: number): Map<string, Option> {
  const chosen = new Map([...tried].map(([weight, hull]) => [weight, hull[0]!]));
  let bytes = [...chosen.values()].reduce((sum, option) => sum + option.bytes, 0);
  if (bytes > budget)
    throw new TilewrightError('bad-argument', {
      subject: 'chooseUnderBudget',
      problem: `the budget is ${Math.floor(budget)} bytes`,
      requirement: `the smallest of what there is to choose from takes ${bytes}`,
      fix: 'add smaller formats, or raise the budget',
    });
  const steps = [...tried].flatMap(([weight, hull]) =>
    hull.slice(1).map((option, i) => ({ weight, option, from: hull[i]!, gain: gain(hull[i]!, option) })),
  );
  // Gains of a weight fall along its hull, so its steps come in order. One that does not fit ends its weight.
  const ended = new Set<string>();
  for (const { weight, option, from } of steps.sort((a, b) => b.gain - a.gain)) {
    const more = option.bytes - from.bytes;
    if (ended.has(weight) || bytes + more > budget) {
      ended.add(weight);
      continue;
    }
    chosen.set(weight, option);
    bytes += more;
  }
  return chosen;
}
