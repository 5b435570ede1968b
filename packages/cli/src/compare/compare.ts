import { basename, join, resolve } from 'node:path';
import { jsonOutput } from '@tilewright/bench/process';
import { formatBytes } from '@tilewright/bench/report';
import { type StateDict, TilewrightError } from '@tilewright/kernels';
import { loadLanguageModel, meanLoss, scoring, type TextTokenizer } from '@tilewright/models';
import { makeVariant } from '@tilewright/models/make-variant';
import { denseVariant, variantNamed } from '@tilewright/models/variants';
import type { Device } from '@tilewright/runtime';
import type { AdapterFlags } from '../commands/options.ts';
import { assertDense, openChosenDevice } from '../model/load.ts';
import { type OpenedFolder, openFolder, tokenizerOf } from '../model/open-folder.ts';
import { sizeOf } from '../model/size-of.ts';
import {
  checkCalibration,
  heldOutWindows,
  readTextFile,
  splitText,
  type SplitText,
  splitTextFile,
  spreadWindows,
} from '../model/texts.ts';
import { createProgress, paint, type Progress, type Terminal } from '../terminal.ts';
import { measureLength } from './measure-length.ts';
import type { ComparedModel, CompareResult, LengthRow, ScoredVariant } from './result.ts';

/** What the command line says. */
export interface CompareFlags extends AdapterFlags {
  readonly text?: string;
  readonly variant?: readonly string[];
  readonly lengths: readonly number[];
  readonly most: number;
  readonly windows: number;
  readonly json?: string;
  readonly strict?: boolean;
}

interface Context {
  readonly terminal: Terminal;
  readonly device: Device;
  readonly flags: CompareFlags;
  readonly text: SplitText;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Tokens of a window: of the text that is scored, and of that which calibrates. */
const windowTokens = 128;

/** `tilewright compare`: models beside each other, each as stored and compressed, at growing lengths. */
export async function compareFolders(
  screen: Terminal,
  folders: readonly string[],
  flags: CompareFlags,
  signal: AbortSignal,
): Promise<CompareResult> {
  const { terminal, save: saveJson } = jsonOutput(flags.json, screen);
  for (const name of flags.variant ?? []) variantNamed(name, '--variant');
  const text = await textOf(folders[0]!, flags);
  const progress = createProgress(terminal);
  const device = await openChosenDevice(terminal, flags);
  try {
    const context = { terminal, device, flags, text, progress, signal };
    const models: ComparedModel[] = [];
    let windows = 0;
    for (const folder of folders) {
      const { model, scored } = await compareFolder(context, folder);
      windows = scored;
      models.push(model);
    }
    progress.clear();
    const { description, software } = device.adapter;
    const result = {
      adapter: { description, software },
      sources: text.sources,
      windows,
      windowTokens,
      models,
    };
    saveJson(result);
    return result;
  } finally {
    progress.clear();
    device.dispose();
  }
}

/** `--text`, or the sample that lies beside the first model. */
async function textOf(folder: string, { text }: CompareFlags): Promise<SplitText> {
  if (text !== undefined) return splitTextFile(text);
  const sample = join(folder, 'sample.txt');
  const name = `sample.txt of ${basename(resolve(folder))}`;
  return splitText(
    await readTextFile(sample),
    0.5,
    `the second half of ${name}`,
    `the first half of ${name}`,
  );
}

async function compareFolder(
  context: Context,
  folder: string,
): Promise<{ readonly model: ComparedModel; readonly scored: number }> {
  const { terminal, text, flags } = context;
  const name = basename(resolve(folder));
  const opened = await openFolder(terminal, folder, { strict: flags.strict, maxTokens: windowTokens });
  assertDense(opened);
  const tokenizer = await tokenizerOf(opened);
  if (!tokenizer)
    throw new TilewrightError('bad-model', {
      subject: folder,
      problem: 'the model has no tokenizer.json',
      requirement: 'the text is scored in tokens',
      fix: 'add the tokenizer of the model to its folder',
    });
  const windows = heldOutWindows(text.heldOut, tokenizer, windowTokens, flags.most);
  if (windows.length === 0)
    throw new TilewrightError('bad-argument', {
      subject: '--text',
      problem: `${text.sources.heldOut} is less than ${windowTokens + 1} tokens`,
      requirement: `it is scored in whole windows of ${windowTokens} tokens`,
      fix: 'give a longer text',
    });
  terminal.out(`\n${paint(terminal, 'dim', `${name} (${opened.architecture})`)}\n`);
  const variants: ScoredVariant[] = [];
  for (const variant of [denseVariant.name, ...(flags.variant ?? [])]) {
    const weights = await weightsOf(context, opened, tokenizer, variant);
    const loss = await lossOf(context, opened, weights, windows, `${name}, ${variant}`);
    const row = { name: variant, loss, ...sizeOf(opened.model, weights) };
    variants.push(row);
    context.progress.clear();
    terminal.out(
      `${variant.padEnd(24)} loss ${loss.toFixed(4)}  ${row.bitsPerWeight.toFixed(2).padStart(5)} bits  ${formatBytes(row.weightBytes)}\n`,
    );
  }
  return {
    scored: windows.length,
    model: {
      name,
      architecture: opened.architecture,
      parameters: [...opened.weights.values()].reduce(
        (sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1),
        0,
      ),
      context: opened.context,
      statedLoss: statedLoss(opened),
      variants,
      lengths: await lengthsOf(
        context,
        folder,
        name,
        opened.context.size,
        tokenizer.encode(text.calibrating),
      ),
    },
  };
}

/** What the makers of the weights wrote into their file. */
function statedLoss({ metadata }: OpenedFolder): number | null {
  const stated = Number(metadata['held_out_nats_per_token'] ?? metadata['val_nats_per_token'] ?? Number.NaN);
  return Number.isFinite(stated) ? stated : null;
}

async function weightsOf(
  { device, text, flags, progress, signal }: Context,
  { model, weights }: OpenedFolder,
  tokenizer: TextTokenizer,
  name: string,
): Promise<StateDict> {
  const made = await makeVariant(device, model, weights, variantNamed(name, '--variant'), {
    windows: () => {
      const windows = spreadWindows(text.calibrating, tokenizer, windowTokens, flags.windows);
      checkCalibration(windows, text.sources.calibration, windowTokens);
      return Promise.resolve(windows);
    },
    signal,
    onProgress: ({ done, total }) => progress.update(`${name}: compressing`, done, total),
  });
  return made.weights;
}

async function lossOf(
  { device, progress, signal }: Context,
  { model }: OpenedFolder,
  weights: StateDict,
  windows: ReturnType<typeof heldOutWindows>,
  what: string,
): Promise<number> {
  progress.update(`${what}: compiling`);
  const loaded = await loadLanguageModel(device, { model, weights }, { buckets: [], scoring });
  try {
    return await meanLoss(loaded, windows, (done, total) => {
      signal.throwIfAborted();
      progress.update(`${what}: scoring`, done, total);
    });
  } finally {
    loaded.dispose();
  }
}

/** At each length that the model takes, with room for as much. */
async function lengthsOf(
  { terminal, device, flags, progress, signal }: Context,
  folder: string,
  name: string,
  most: number,
  text: readonly number[],
): Promise<readonly LengthRow[]> {
  const rows: LengthRow[] = [];
  for (const length of flags.lengths.filter((each) => each <= most)) {
    progress.update(`${name}: ${length} tokens`);
    const opened = await openFolder({ error: () => {} }, folder, {
      strict: flags.strict,
      context: length,
      maxTokens: Math.min(length, 512),
    });
    const model = await loadLanguageModel(device, opened);
    try {
      // A text that is too short begins again.
      const tokens = Array.from({ length }, (_, i) => text[i % text.length]!);
      const row = await measureLength(model, tokens, signal);
      rows.push(row);
      progress.clear();
      terminal.out(
        `${String(length).padStart(6)} tokens: reads ${row.readTokensPerSecond.p50.toFixed(0)} tokens/s, writes ${row.writeTokensPerSecond.p50.toFixed(0)} tokens/s, states ${formatBytes(row.stateBytes)}, ${row.dispatchesPerToken} dispatches a token\n`,
      );
    } finally {
      model.dispose();
    }
  }
  return rows;
}
