import { basename, resolve } from 'node:path';
import type { CompressionReport } from '@tilewright/compression';
import { assertDense, makeChosenVariant, openChosenDevice } from '../model/load.ts';
import { jsonOutput } from '@tilewright/bench/process';
import { openFolder } from '../model/open-folder.ts';
import { type Target, wantedVariant } from '../model/recipes.ts';
import { type CompressRun, pointOf, readRun } from '../model/earlier-runs.ts';
import { measureQuality, qualityWindows } from '../model/quality.ts';
import { splitTextFile } from '../model/texts.ts';
import { TilewrightError } from '@tilewright/kernels';
import { writeCompressionPage } from './compression-page.ts';
import { formatBytes } from '@tilewright/bench/report';
import { createProgress, paint, type Terminal } from '../terminal.ts';
import { assertOutside, checkOutputFolder, writeOutputFolder } from './output-folder.ts';
import type { AdapterFlags } from './options.ts';
import { checkLayout, type FolderSize, folderSize, inLayout, layoutLine, writeModel } from './write-model.ts';

/** What the command line says. */
export interface CompressFlags extends AdapterFlags {
  readonly strict?: boolean;
  readonly variant?: string;
  readonly recipe?: string;
  readonly target?: Target;
  readonly list?: boolean;
  readonly layout?: string;
  readonly html?: string;
  readonly runs?: readonly string[];
  readonly text?: string;
  readonly windows?: number;
  readonly json?: string;
}

/** No recipe makes weights smaller than this part of f32: 1 bit a weight. */
const fewestTimesSmaller = 32;

/** Files of a model folder that say nothing about how weights are stored. */
const copied: readonly string[] = [
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'LICENSE',
];

/** `tilewright compress`: writes the compressed copy and prints its report. Returns what makes the page of `--html`. */
export async function compress(
  screen: Terminal,
  path: string,
  output: string,
  flags: CompressFlags,
  signal: AbortSignal,
): Promise<() => string> {
  const { terminal, save: saveJson } = jsonOutput(flags.json, screen);
  const wanted = wantedVariant(flags);
  const runs = earlierRuns(flags);
  await assertOutside(output, path);
  await checkOutputFolder(output, 0);
  const text = flags.text === undefined ? undefined : await splitTextFile(flags.text);
  const progress = createProgress(terminal);
  const opened = await openFolder(terminal, path, {
    strict: flags.strict,
    onProgress: (read, total) => progress.update('reading', Math.round(read / 1e6), Math.round(total / 1e6)),
  });
  assertDense(opened);
  const denseBytes = [...opened.weights.values()].reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  await checkOutputFolder(output, Math.floor(denseBytes / fewestTimesSmaller));
  const scored = flags.html !== undefined && text ? await qualityWindows(opened, text) : [];
  const device = await openChosenDevice(terminal, flags);
  try {
    const { windows = text === undefined ? 32 : 128 } = flags;
    const made = await makeChosenVariant(device, opened, wanted, {
      text,
      measures: scored.length > 0,
      windows,
      progress,
      signal,
      onRehearsed: (plans, weights) => checkLayout(weights, plans, flags.layout),
    });
    progress.update('writing');
    const quality =
      scored.length === 0
        ? null
        : await measureQuality(device, opened, made.weights, scored, { progress, signal });
    const laidOut = inLayout(made.weights, flags.layout);
    let size: FolderSize | undefined;
    const fill = async (folder: string): Promise<void> => {
      const metadata = {
        'tilewright.variant': wanted.variant.name,
        'tilewright.bits_per_weight': made.report.bitsPerWeight.toFixed(4),
        ...(made.calibration !== null && {
          'tilewright.calibration': made.calibration,
        }),
      };
      await writeModel(folder, path, laidOut, metadata, made.config);
      size = await folderSize(folder);
      signal.throwIfAborted();
    };
    await writeOutputFolder(output, { source: path, files: copied, fill });
    progress.clear();
    const { report, calibration, choices } = made;
    const { fileBytes, boundBytes } = size!;
    const layout = laidOut.layout?.method ?? null;
    terminal.out(`${describe(terminal, report)}\n`);
    terminal.out(
      `${output}: ${formatBytes(fileBytes)} on disk, ${formatBytes(
        boundBytes,
      )} bound; ${report.bitsPerWeight.toFixed(2)} bits per weight in the layers`,
    );
    terminal.out(calibration === null ? '\n' : `, calibrated on ${calibration}\n`);
    terminal.out(layoutLine(laidOut));
    saveJson({
      ...report,
      recipe: wanted.variant.name,
      calibration,
      layout,
      fileBytes,
      boundBytes,
      quality,
      ...(choices && { choices }),
    });
    if (quality)
      terminal.out(
        `divergence from the dense model ${quality.kl.mean.toFixed(5)} nats per token, on ${quality.windows} other windows of that text\n`,
      );
    const run = { recipe: wanted.variant.name, bitsPerWeight: report.bitsPerWeight, quality };
    const points = quality ? [...runs, run].map(pointOf) : [];
    return () =>
      writeCompressionPage({
        points,
        name: basename(resolve(path)),
        fileBytes,
        boundBytes,
        ...made,
      });
  } finally {
    progress.clear();
    device.dispose();
  }
}

/** What `--runs` names. Throws `bad-argument` where there is no plot to show them in. */
function earlierRuns({ runs = [], html, text }: CompressFlags): readonly CompressRun[] {
  if (runs.length > 0 && (html === undefined || text === undefined))
    throw new TilewrightError('bad-argument', {
      subject: '--runs',
      problem: `there is no ${html === undefined ? '--html' : '--text'}`,
      requirement: 'earlier runs are plotted beside the quality of this one, which is measured on a text',
      fix: 'give both, or leave --runs out',
    });
  return runs.map(readRun);
}

/** A line per weight. */
function describe(terminal: Terminal, { layers }: CompressionReport): string {
  const width = Math.max(...layers.map(({ name }) => name.length));
  const head = `${'weight'.padEnd(width)}  bits   bytes      error  worst row`;
  const lines = layers.map((layer) => {
    const error = layer.outputError ?? layer.weightError;
    return `${layer.name.padEnd(width)} ${layer.bitsPerWeight
      .toFixed(2)
      .padStart(5)} ${formatBytes(layer.bytesAfter).padStart(9)} ${error
      .toExponential(2)
      .padStart(9)} ${layer.worstRowError.toExponential(2).padStart(9)}`;
  });
  const of = layers[0]?.outputError === null ? 'weight' : "layer's output";
  return [
    paint(terminal, 'dim', head),
    ...lines,
    `error: relative squared error of the ${of}; worst row: of the weights of one row`,
  ].join('\n');
}
