import { basename } from 'node:path';
import { generateTokens, type LanguageModel, textStream, type TextTokenizer } from '@tilewright/models';
import { openDevice } from '@tilewright/runtime';
import { selectAdapter } from '@tilewright/bench/adapter';
import { type OpenedFolder, openFolder, tokenizerOf } from '../model/open-folder.ts';
import { makeVariant } from '@tilewright/models/make-variant';
import { denseVariant } from '@tilewright/models/variants';
import { createProgress, type Terminal } from '../terminal.ts';
import { assertDense, startToken } from '../model/load.ts';
import { compareVariants, loadDense } from './compare-variants.ts';
import { type ExamSources, prepareExam } from './exam.ts';
import type { VariantRow } from './measure-variant.ts';
import { tableHead, tableLegend, tableRow } from './table.ts';

export interface StartOptions {
  readonly folder: string;
  readonly adapter: string | undefined;
  /** Install a driver where none answers. */
  readonly system: boolean | undefined;
  readonly full: boolean;
  /** A text of the caller's to calibrate and measure on. */
  readonly examText: string | undefined;
  readonly strict: boolean;
  readonly signal: AbortSignal;
}

/** All that `tilewright start` finds out; what `--json` writes. */
export interface StartResult {
  readonly adapter: {
    readonly kind: string;
    readonly description: string;
    readonly software: boolean;
    readonly features: readonly string[];
    readonly reason: string;
  };
  readonly model: {
    readonly name: string;
    readonly architecture: string;
    readonly parameters: number;
    readonly context: number;
    /** The held-out loss that the weights' makers state in the file, where they do. */
    readonly statedHeldOutLoss: number | null;
  };
  readonly variants: readonly VariantRow[];
  /** What the dense f32 model wrote. */
  readonly text: string;
  /** Where the texts came from that variants were calibrated and measured on. */
  readonly sources: ExamSources;
  /** Up to the first token of dense f32. */
  readonly coldStart: {
    readonly pipelines: number;
    readonly compileMs: number;
    readonly firstTokenMs: number;
  };
  /** Pipelines of all variants. */
  readonly pipelines: number;
  readonly compileMs: number;
  readonly seconds: number;
}

const passage = { prompt: 'ROMEO:\n', maxTokens: 100, temperature: 0.8, topP: 0.95, seed: 1 } as const;

/** Finds an adapter, loads the model, streams a passage, compares the variants. */
export async function start(terminal: Terminal, options: StartOptions): Promise<StartResult> {
  const startedAt = performance.now();
  const say = (line: string): void => terminal.error(`${line}\n`);
  const progress = createProgress(terminal);
  const selected = await selectAdapter({ choice: options.adapter, system: options.system, log: say });
  say(selected.line);
  const device = await openDevice();
  try {
    const opened = await openFolder(terminal, options.folder, { strict: options.strict });
    assertDense(opened);
    const tokenizer = await tokenizerOf(opened);
    progress.update('compiling dense-f32');
    const { weights } = await makeVariant(device, opened.model, opened.weights, denseVariant);
    const dense = await loadDense(device, opened, weights);
    try {
      const cold = { pipelines: device.counters.pipelinesCompiled, compileMs: device.counters.compileMs };
      progress.clear();
      const { text, firstTokenAt } = await streamPassage(terminal, opened, dense, tokenizer, options.signal);
      terminal.out(`\n${tableHead(terminal)}\n`);
      const exam = await prepareExam(opened, dense, tokenizer, {
        text: options.examText,
        full: options.full,
        onProgress: progress.update,
        signal: options.signal,
      });
      progress.clear();
      const variants = await compareVariants(device, opened, weights, exam, {
        signal: options.signal,
        onProgress: progress.update,
        onRow: (row) => {
          progress.clear();
          terminal.out(`${tableRow(row)}\n`);
        },
      });
      say(tableLegend(exam.sources));
      const { pipelinesCompiled, compileMs } = device.counters;
      return {
        adapter: {
          kind: selected.kind,
          description: device.adapter.description,
          software: device.adapter.software,
          features: device.adapter.features,
          reason: selected.reason,
        },
        model: describeModel(opened),
        variants,
        text,
        sources: exam.sources,
        coldStart: { ...cold, firstTokenMs: firstTokenAt - startedAt },
        pipelines: pipelinesCompiled,
        compileMs,
        seconds: (performance.now() - startedAt) / 1000,
      };
    } finally {
      dense.dispose();
    }
  } finally {
    progress.clear();
    device.dispose();
  }
}

async function streamPassage(
  terminal: Terminal,
  opened: OpenedFolder,
  dense: LanguageModel,
  tokenizer: TextTokenizer | undefined,
  signal: AbortSignal,
): Promise<{ text: string; firstTokenAt: number }> {
  const tokens = tokenizer?.encode(passage.prompt, 'prompt') ?? [startToken(opened, tokenizer)];
  const { temperature, topP, seed } = passage;
  const maxTokens = Math.min(passage.maxTokens, dense.capacity - tokens.length);
  let firstTokenAt = 0;
  const settings = { maxTokens, temperature, topP, seed, signal };
  const stream = tokenizer && textStream(tokenizer, tokens);
  let text = tokenizer?.decode(tokens) ?? tokens.join(' ');
  terminal.out(`\n${text}`);
  const write = (piece: string): void => {
    text += piece;
    terminal.out(piece);
  };
  for await (const token of generateTokens(dense, tokens, settings)) {
    firstTokenAt ||= performance.now();
    write(stream?.push(token) ?? ` ${token}`);
  }
  write(stream?.end() ?? '');
  terminal.out('\n');
  return { text, firstTokenAt };
}

function describeModel({
  architecture,
  folder,
  metadata,
  model,
  weights,
}: OpenedFolder): StartResult['model'] {
  const stated = Number(metadata['val_nats_per_token'] ?? Number.NaN);
  return {
    name: basename(folder.name),
    architecture,
    parameters: [...weights.values()].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
    context: model.tasks.capacity,
    statedHeldOutLoss: Number.isFinite(stated) ? stated : null,
  };
}
