import { formatBytes } from '@tilewright/bench/report';
import { explain, type Explanation, printExtent } from '@tilewright/graph';
import { compileModel } from '@tilewright/models';
import { makeChosenVariant, openChosenDevice } from '../model/load.ts';
import { jsonOutput } from '@tilewright/bench/process';
import { openFolder } from '../model/open-folder.ts';
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

/** `tilewright explain`: prints what a step of the model costs. */
export async function explainFolder(
  screen: Terminal,
  path: string,
  flags: ExplainFlags,
  signal: AbortSignal,
): Promise<void> {
  const { terminal, save: saveJson } = jsonOutput(flags.json, screen);
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
        : (await makeChosenVariant(device, opened, variant, { windows: 4, progress, signal })).weights;
    progress.clear();
    const { decode, read } = compileModel(
      device,
      { model: opened.model, weights },
      { buckets: tokens > 1 ? [tokens] : [] },
    );
    const { compiled } = read[0] ?? decode;
    const explanation = explain(compiled, { tokens, keys });
    terminal.out(describe(terminal, explanation, { tokens, keys }));
    saveJson({ tokens, keys, ...explanation });
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
  { tokens, keys }: { readonly tokens: number; readonly keys: number },
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
    `a step of ${tokens} ${tokens === 1 ? 'token' : 'tokens'} at ${keys} keys: ${dispatches} dispatches of ${shaders} shaders, ${formatCount(flops)} flops`,
    `moved ${formatBytes(movedBytes)}, ${(movedBytes / compulsoryBytes).toFixed(3)} times the compulsory ${formatBytes(compulsoryBytes)}`,
    `memory ${formatBytes(peakBytes)}: ${memory}`,
    ...equalities.map(
      ({ subject, sizes: [a, b] }) =>
        `checked in each run: ${printExtent(a)} = ${printExtent(b)}, for ${subject}`,
    ),
    '',
  ].join('\n');
}
