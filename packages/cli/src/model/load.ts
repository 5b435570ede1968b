import type { Json } from '@tilewright/formats';
import { type StateDict, TilewrightError, type WeightFormat } from '@tilewright/kernels';
import { denseDType } from '@tilewright/kernels/weights/dense';
import { selectAdapter } from '@tilewright/bench/adapter';
import { type Device, openDevice } from '@tilewright/runtime';
import type { TextTokenizer } from '@tilewright/models';
import type { AdapterFlags } from '../commands/options.ts';
import type { Progress, Terminal } from '../terminal.ts';
import { editFolder } from './edits.ts';
import { type OpenedFolder, tokenizerOf } from './open-folder.ts';
import { checkCalibration, type SplitText, spreadWindows, writePassages } from './texts.ts';
import { makeVariant, recipeOf } from '@tilewright/models/make-variant';
import { chooseForModel, loadLanguageModel } from '@tilewright/models';
import {
  type Choice,
  compose,
  type CompressionReport,
  linearWeightsOf,
  needsStatistics,
  rehearse,
} from '@tilewright/compression';
import { weightCodecs } from '@tilewright/kernels/weights/registry';
import type { Target, WantedVariant } from './recipes.ts';

/** Says which adapter it is and opens a device on it. */
export async function openChosenDevice(
  terminal: Terminal,
  { adapter, system }: AdapterFlags,
): Promise<Device> {
  const say = (line: string): void => terminal.error(`${line}\n`);
  say((await selectAdapter({ choice: adapter, system, log: say })).line);
  return openDevice();
}

/** Throws `bad-model` for a folder whose weights are compressed already. */
export function assertDense(opened: OpenedFolder): void {
  if ([...opened.weights.values()].every(({ format }) => denseDType(format) !== undefined)) return;
  throw new TilewrightError('bad-model', {
    subject: opened.folder.name,
    problem: `its weights are compressed already (${formatsOf(opened, opened.weights)})`,
    requirement: 'a variant is made from dense weights',
    fix: 'give the folder it was compressed from, or leave --variant out',
  });
}

function refuseText(problem: string): never {
  throw new TilewrightError('bad-argument', {
    subject: '--text',
    problem,
    requirement: 'the text would not be used',
    fix: 'leave --text out',
  });
}

/** The formats of the weights of linear layers, each once: "int4-g32", "f32, f16". */
const formatsOf = (opened: OpenedFolder, weights: StateDict): string =>
  [...new Set(linearWeightsOf(opened.model).map((name) => weights.get(name)!.format.name))].join(', ');

export interface ChosenVariant {
  readonly weights: StateDict;
  readonly report: CompressionReport;
  /** Where the statistics came from; null where the recipe needs none. */
  readonly calibration: string | null;
  /** What each weight became, where a budget had it chosen. */
  readonly choices?: readonly Choice[];
  /** Fields of config.json that edits changed. */
  readonly config: Readonly<Record<string, Json>>;
}

export interface CalibrationOptions {
  /** A text to calibrate on, instead of what the model writes. */
  readonly text?: SplitText | undefined;
  /** Whether the text is also measured on, so that it is not for nothing where the recipe does not calibrate. */
  readonly measures?: boolean;
  readonly windows: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Hears before the work which formats the weights will have, by name; of a budget those of each that it chooses from. */
  readonly onRehearsed?: (plans: readonly ReadonlyMap<string, WeightFormat>[], weights: StateDict) => void;
}

/** Makes a variant of opened dense weights, with statistics where its recipe needs them, within a budget where there is one. */
export async function makeChosenVariant(
  device: Device,
  dense: OpenedFolder,
  { variant, budget, edits = [] }: WantedVariant,
  options: CalibrationOptions,
): Promise<ChosenVariant> {
  const { progress, signal } = options;
  const { name } = variant;
  assertDense(dense);
  const measures = edits.some((edit) => edit.calibrates);
  const calibrates = needsStatistics(recipeOf(variant)) || budget !== undefined || measures;
  if (options.text !== undefined && !calibrates && !options.measures)
    refuseText(`${name} does not calibrate`);
  const rehearseOn = (opened: OpenedFolder): void => {
    const rehearsed = (budget?.candidates ?? [recipeOf(variant)]).map((candidate) => {
      const recipe = budget?.first ? compose(budget.first, candidate) : candidate;
      return rehearse(opened.model, opened.weights, recipe, weightCodecs);
    });
    options.onRehearsed?.(rehearsed, opened.weights);
  };
  // Steps behind edits meet a model that there is not yet.
  if (edits.length === 0) rehearseOn(dense);
  const found = calibrates ? await calibration(device, dense, options) : undefined;
  const windows = found?.windows ?? [];
  if (edits.length > 0) progress.update(`${name}: editing`);
  const { opened, config } =
    edits.length === 0
      ? { opened: dense, config: {} }
      : await editFolder(device, dense, edits, windows, signal);
  if (edits.length > 0) rehearseOn(opened);
  let [chosen, choices] = [variant, undefined as readonly Choice[] | undefined];
  if (budget) {
    const weights = opened.weights;
    const made = await chooseForModel(device, opened.model, weights, budget.candidates, {
      codecs: weightCodecs,
      windows,
      bytes: budgetBytes(opened, budget.target),
      signal,
      onProgress: (done, total) => progress.update('measuring sensitivity', done, total),
    });
    const recipe = budget.first ? compose(budget.first, made.recipe) : made.recipe;
    [chosen, choices] = [{ ...variant, recipe: () => recipe }, made.choices];
  }
  const { weights, report } = await makeVariant(device, opened.model, opened.weights, chosen, {
    codecs: weightCodecs,
    windows: () => Promise.resolve(windows),
    signal,
    onProgress: ({ done, total }) => progress.update(`${name}: compressing`, done, total),
  });
  return {
    weights,
    report,
    calibration: found?.source ?? null,
    config,
    ...(choices && { choices }),
  };
}

/** Bytes of all linear layers that a target allows. */
function budgetBytes({ model, weights }: OpenedFolder, target: Target): number {
  if ('bytes' in target) return target.bytes;
  const count = linearWeightsOf(model).reduce(
    (sum, name) => sum + weights.get(name)!.shape.reduce((product, size) => product * size, 1),
    0,
  );
  return (target.bits * count) / 8;
}

async function calibration(
  device: Device,
  opened: OpenedFolder,
  { text, windows: count, progress, signal }: CalibrationOptions,
): Promise<{ windows: number[][]; source: string }> {
  const { model } = opened;
  const tokenizer = await tokenizerOf(opened);
  const length = model.graph.symbols.tokens!.max;
  if (text !== undefined && !tokenizer) refuseText(`${opened.folder.name} has no tokenizer.json`);
  if (text !== undefined && tokenizer) {
    const windows = spreadWindows(text.calibrating, tokenizer, length, count);
    checkCalibration(windows, text.sources.calibration, length);
    return { windows, source: text.sources.calibration };
  }
  progress.update('the dense model writes passages to calibrate on');
  const dense = await loadLanguageModel(device, opened);
  try {
    const windows = await writePassages(dense, startToken(opened, tokenizer), length, count, {
      signal,
      onProgress: (done, total) =>
        progress.update('the dense model writes passages to calibrate on', done, total),
    });
    return { windows, source: 'passages the model wrote itself' };
  } finally {
    dense.dispose();
  }
}

/** The token a text begins with: what the model's makers say, else a line's end, else token 0. */
export function startToken({ text }: OpenedFolder, tokenizer: TextTokenizer | undefined): number {
  return text.startTokens[0] ?? tokenizer?.encode('\n')[0] ?? 0;
}
