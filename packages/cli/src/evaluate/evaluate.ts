import { basename, resolve } from 'node:path';
import { jsonOutput } from '@tilewright/bench/process';
import { needsStatistics } from '@tilewright/compression';
import { TilewrightError } from '@tilewright/kernels';
import {
  type Candidate,
  evaluate,
  type EvaluationRow,
  loadLanguageModel,
  scoring,
  type TextTokenizer,
} from '@tilewright/models';
import { weightCodecs } from '@tilewright/kernels/weights/registry';
import { makeVariant, recipeOf } from '@tilewright/models/make-variant';
import { variantNamed } from '@tilewright/models/variants';
import type { Device } from '@tilewright/runtime';
import type { AdapterFlags } from '../commands/options.ts';
import { assertDense, openChosenDevice } from '../model/load.ts';
import { editFolder } from '../model/edits.ts';
import { type WantedVariant, wantedRecipe } from '../model/recipes.ts';
import { type OpenedFolder, openFolder, tokenizerOf } from '../model/open-folder.ts';
import {
  checkCalibration,
  heldOutWindows,
  type SplitText,
  splitTextFile,
  spreadWindows,
} from '../model/texts.ts';
import { createProgress, type Progress, type Terminal } from '../terminal.ts';
import { type Size, sizeOf } from '../model/size-of.ts';
import type { EvaluationResult } from './result.ts';
import { tableHead, tableLegend, tableRow } from './table.ts';

/** What the command line says. */
export interface EvaluateFlags extends AdapterFlags {
  readonly text: string;
  readonly variant?: readonly string[];
  readonly recipe?: readonly string[];
  readonly draws: number;
  readonly windows: number;
  readonly most?: number;
  readonly html?: string;
  readonly json?: string;
  readonly strict?: boolean;
}

interface Context {
  readonly terminal: Terminal;
  readonly device: Device;
  readonly dense: OpenedFolder;
  readonly tokenizer: TextTokenizer;
  readonly text: SplitText;
  readonly flags: EvaluateFlags;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly length: number;
}

/** `tilewright evaluate`: scores folders and variants against the dense model of the first folder. */
export async function evaluateFolders(
  screen: Terminal,
  [folder, ...others]: readonly string[],
  flags: EvaluateFlags,
  signal: AbortSignal,
): Promise<EvaluationResult> {
  const { terminal, save: saveJson } = jsonOutput(flags.json, screen);
  const text = await splitTextFile(flags.text);
  const progress = createProgress(terminal);
  const dense = await openFolder(terminal, folder!, { strict: flags.strict });
  assertDense(dense);
  const tokenizer = await tokenizerOf(dense);
  if (!tokenizer) throw noTokenizer(folder!);
  const length = dense.model.graph.symbols.tokens!.max;
  const windows = heldOutWindows(text.heldOut, tokenizer, length, flags.most ?? Infinity);
  if (windows.length < 2) throw tooShort(text, length);
  const device = await openChosenDevice(terminal, flags);
  try {
    const context = {
      terminal,
      device,
      dense,
      tokenizer,
      text,
      flags,
      progress,
      signal,
      length,
    };
    const sizes = new Map<string, Size>();
    const note = (name: string, size: Size): void => void sizes.set(name, size);
    const candidates = [
      ...others.map((path) => folderCandidate(context, path, note)),
      ...(flags.variant ?? []).map((name) =>
        variantCandidate(context, { variant: variantNamed(name, '--variant') }, note),
      ),
      ...(flags.recipe ?? []).map((steps) => variantCandidate(context, wantedRecipe(steps), note)),
    ];
    checkNames(candidates);
    progress.update('compiling the dense model');
    const model = await loadLanguageModel(device, dense, {
      buckets: [],
      scoring,
    });
    try {
      const sized = (row: EvaluationRow): EvaluationRow & Size => ({
        ...row,
        ...sizes.get(row.name)!,
      });
      progress.clear();
      terminal.out(`${tableHead(terminal, candidates)}\n`);
      const found = await evaluate({ name: basename(resolve(folder!)), model }, candidates, windows, {
        signal,
        onProgress: (name, done, total) => progress.update(`${name}: scoring`, done, total),
        onRow: (row) => {
          progress.clear();
          terminal.out(`${tableRow(candidates, sized(row))}\n`);
        },
      });
      progress.clear();
      const result: EvaluationResult = {
        model: folder!,
        sources: text.sources,
        calibrationWindows: flags.windows,
        ...found,
        rows: found.rows.map(sized),
      };
      terminal.error(`${tableLegend(result)}\n`);
      saveJson(result);
      return result;
    } finally {
      model.dispose();
    }
  } finally {
    progress.clear();
    device.dispose();
  }
}

function folderCandidate(
  { terminal, device, progress, flags }: Context,
  path: string,
  note: (name: string, size: Size) => void,
): Candidate {
  const name = basename(resolve(path));
  return {
    name,
    load: async () => {
      progress.update(`${name}: reading`);
      const opened = await openFolder(terminal, path, { strict: flags.strict });
      note(name, sizeOf(opened.model, opened.weights));
      return loadLanguageModel(device, opened, { buckets: [], scoring });
    },
  };
}

function variantCandidate(
  context: Context,
  { variant, edits = [] }: WantedVariant,
  note: (name: string, size: Size) => void,
): Candidate {
  const { device, dense, text, tokenizer, length, flags, progress, signal } = context;
  const { name } = variant;
  return {
    name,
    draws: needsStatistics(recipeOf(variant)) || edits.some(({ calibrates }) => calibrates) ? flags.draws : 1,
    load: async (draw) => {
      const calibrating = (): number[][] => {
        const windows = spreadWindows(text.calibrating, tokenizer, length, flags.windows, draw);
        checkCalibration(windows, text.sources.calibration, length);
        return windows;
      };
      const { model, weights: edited } =
        edits.length === 0 ? dense : (await editFolder(device, dense, edits, calibrating(), signal)).opened;
      const { weights } = await makeVariant(device, model, edited, variant, {
        codecs: weightCodecs,
        windows: () => Promise.resolve(calibrating()),
        signal,
        onProgress: ({ done, total }) => progress.update(`${name}: compressing`, done, total),
      });
      note(name, sizeOf(model, weights));
      return loadLanguageModel(device, { model, weights }, { buckets: [], scoring });
    },
  };
}

function checkNames(candidates: readonly Candidate[]): void {
  const names = candidates.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (candidates.length > 0 && twice === undefined) return;
  throw new TilewrightError('bad-argument', {
    subject: 'evaluate',
    problem:
      twice === undefined ? 'there is nothing to compare with the dense model' : `${twice} is named twice`,
    requirement: 'a row of the table is a folder or a variant of its own',
    fix:
      twice === undefined
        ? 'name folders behind the first, or give --variant NAME or --recipe STEPS'
        : 'leave one out',
  });
}

const noTokenizer = (folder: string): TilewrightError =>
  new TilewrightError('bad-model', {
    subject: folder,
    problem: 'the model has no tokenizer.json',
    requirement: 'the text is scored in tokens',
    fix: 'add the tokenizer of the model to its folder',
  });

const tooShort = ({ sources }: SplitText, length: number): TilewrightError =>
  new TilewrightError('bad-argument', {
    subject: '--text',
    problem: `${sources.heldOut} is less than ${2 * length + 1} tokens`,
    requirement: `it is scored in whole windows of ${length} tokens, two at least`,
    fix: 'give a longer text',
  });
