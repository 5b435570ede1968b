import { formatBytes } from '@tilewright/bench/report';
import { explain, type Explanation, printExtent } from '@tilewright/graph';
import { compileEncoder, compileModel } from '@tilewright/models';
import { makeChosenVariant, openChosenDevice } from '../model/load.ts';
import { wantedVariant } from '../model/recipes.ts';
import { jsonOutput } from '@tilewright/bench/process';
import { isEncoderFolder, openEncoderFolder, openFolder } from '../model/open-folder.ts';
import { formatCount } from '../start/table.ts';
import { createProgress, paint, type Terminal } from '../terminal.ts';
import type { AdapterFlags } from './options.ts';
import { TilewrightError } from '@tilewright/kernels';

/** What the command line says. */
export interface ExplainFlags extends AdapterFlags {
  readonly strict?: boolean;
  readonly variant?: string;
  readonly tokens: number;
  readonly keys?: number;
  readonly context?: number;
  readonly json?: string;
}

/** `tilewright explain`: prints what a step of the model costs, of one that writes or one that makes vectors of texts. */
export async function explainFolder(
  screen: Terminal,
  path: string,
  flags: ExplainFlags,
  signal: AbortSignal,
): Promise<void> {
  const { terminal, save: saveJson } = jsonOutput(flags.json, screen);
  const show = (explanation: Explanation, sizes: StepSizes): void => {
    terminal.out(describe(terminal, explanation, sizes));
    saveJson({ ...sizes, ...explanation });
  };
  await ((await isEncoderFolder(path))
    ? explainEncoder(terminal, path, flags, show)
    : explainWriter(terminal, path, flags, signal, show));
}

/** Tokens of a step; and positions that a cache has after it, where there is one. */
interface StepSizes {
  readonly tokens: number;
  readonly keys?: number;
}
type Show = (explanation: Explanation, sizes: StepSizes) => void;

async function explainEncoder(
  terminal: Terminal,
  path: string,
  flags: ExplainFlags,
  show: Show,
): Promise<void> {
  const stray = (['keys', 'context', 'variant'] as const).find((flag) => flags[flag] !== undefined);
  if (stray !== undefined)
    throw new TilewrightError('bad-argument', {
      subject: 'explain',
      problem: `--${stray} is given, and the model makes vectors of texts`,
      requirement: 'it has no cache, and runs as it is stored',
      fix: `leave out --${stray}`,
    });
  const { tokens } = flags;
  const opened = await openEncoderFolder(terminal, path, { strict: flags.strict });
  const most = opened.model.tasks.embed.maxTokens;
  if (tokens > most)
    throw new TilewrightError('bad-argument', {
      subject: 'explain',
      problem: `a text of ${tokens} tokens was asked for`,
      requirement: `this model reads at most ${most}`,
      fix: 'choose other --tokens',
    });
  const device = await openChosenDevice(terminal, flags);
  try {
    const { steps } = compileEncoder(device, opened, { buckets: [tokens] });
    show(explain(steps[0]!.compiled, { tokens }), { tokens });
  } finally {
    device.dispose();
  }
}

async function explainWriter(
  terminal: Terminal,
  path: string,
  flags: ExplainFlags,
  signal: AbortSignal,
  show: Show,
): Promise<void> {
  const progress = createProgress(terminal);
  const { tokens } = flags;
  const opened = await openFolder(terminal, path, {
    strict: flags.strict,
    context: flags.context,
    maxTokens: Math.max(tokens, 2),
  });
  const capacity = opened.model.tasks.capacity;
  const keys = flags.keys ?? Math.max(tokens, capacity >> 1);
  if (keys > capacity || tokens > keys)
    throw new TilewrightError('bad-argument', {
      subject: 'explain',
      problem: `a step of ${tokens} tokens with ${keys} keys was asked for`,
      requirement: `there is room for ${capacity} keys, and the tokens are among them`,
      fix: 'choose other --tokens, --keys or --context',
    });
  const device = await openChosenDevice(terminal, flags);
  try {
    const { variant } = flags;
    const weights =
      variant === undefined
        ? opened.weights
        : (
            await makeChosenVariant(device, opened, wantedVariant({ variant }), {
              windows: 4,
              progress,
              signal,
            })
          ).weights;
    progress.clear();
    const { decode, read } = compileModel(
      device,
      { model: opened.model, weights },
      { buckets: tokens > 1 ? [tokens] : [] },
    );
    const { compiled } = read[0] ?? decode;
    const explanation = explain(compiled, { tokens, keys });
    show(explanation, { tokens, keys });
  } finally {
    progress.clear();
    device.dispose();
  }
}

function describe(
  terminal: Terminal,
  {
    calls,
    dispatches,
    movedBytes,
    compulsoryBytes,
    flops,
    bytes,
    peakBytes,
    shaders,
    equalities,
  }: Explanation,
  { tokens, keys }: StepSizes,
): string {
  const width = Math.max(...calls.map(({ label }) => label.length), 4);
  const kernels = Math.max(...calls.map(({ kernel }) => kernel.length), 6);
  const head = `${'node'.padEnd(width)}  ${'kernel'.padEnd(kernels)}  dispatches     moved     flops  plan`;
  const lines = calls.map((call) => {
    const { variant, ...numbers } = call.plan;
    const plan = [variant, ...Object.entries(numbers).map(([name, value]) => `${name} ${value}`)].join(', ');
    return `${call.label.padEnd(width)}  ${call.kernel.padEnd(kernels)}  ${String(call.dispatches).padStart(10)} ${formatBytes(call.movedBytes).padStart(9)} ${formatCount(call.flops).replace(' thousand', 'k').replace(' million', 'M').padStart(9)}  ${plan}`;
  });
  const memory = Object.entries(bytes)
    .map(([kind, size]) => `${kind} ${formatBytes(size)}`)
    .join(', ');
  return [
    paint(terminal, 'dim', head),
    ...lines,
    '',
    `a step of ${tokens} ${tokens === 1 ? 'token' : 'tokens'}${keys === undefined ? '' : ` at ${keys} keys`}: ${dispatches} dispatches of ${shaders} shaders, ${formatCount(flops)} flops`,
    `moved ${formatBytes(movedBytes)}, ${(movedBytes / compulsoryBytes).toFixed(3)} times the compulsory ${formatBytes(compulsoryBytes)}`,
    `memory ${formatBytes(peakBytes)}: ${memory}`,
    ...equalities.map(
      ({ subject, sizes: [a, b] }) =>
        `checked in each run: ${printExtent(a)} = ${printExtent(b)}, for ${subject}`,
    ),
    '',
  ].join('\n');
}
