import { type Device, openDevice } from '@tilewright/runtime';
import { selectAdapter } from '../adapter/index.ts';
import { compareWithOnnxruntime } from '../compare/compare.ts';
import type { ComparisonRow } from '../compare/row.ts';
import { measureFormats } from '../formats/measure-formats.ts';
import { measureHost } from '../host/measure-host.ts';
import { type CommandOutput, processTerminal, reportFailure } from '../process/index.ts';
import type { BenchRow } from '../report/write-report.ts';
import { measureScaling } from '../scaling/measure-scaling.ts';
import { runSuite } from '../suite/run-suite.ts';
import { type BenchOptions, parseBenchOptions, usage } from './options.ts';
import { openOutputFiles } from './output-files.ts';
import { colours, plain, rowLine, scalingLines, summaryLines } from './print.ts';

/**
 * `tilewright bench`: runs it and returns the exit code, 0, 1, 2 or 130 as the usage says. Once `signal` aborts, it
 * stops before the next measurement; the rows so far are written.
 */
export async function benchCommand(
  words: readonly string[],
  output: CommandOutput = processTerminal(),
  signal?: AbortSignal,
): Promise<number> {
  try {
    const options = parseBenchOptions(words);
    if (options.help) {
      output.out(usage);
      return 0;
    }
    return await run(options, output, signal);
  } catch (error) {
    return reportFailure(error, output, signal);
  }
}

async function run(
  options: BenchOptions,
  output: CommandOutput,
  signal: AbortSignal | undefined,
): Promise<number> {
  const say = (line: string): void => output.error(`${line}\n`);
  const out = (line: string): void => output.out(`${line}\n`);
  const toStdout = options.json === '-';
  const files = openOutputFiles(toStdout ? undefined : options.json, options.html);
  const paint = output.colour ? colours : plain;
  const device =
    options.suite || options.compare || options.scaling || options.formats
      ? await deviceOf(options, say)
      : undefined;
  const rows: BenchRow[] = [];
  const onRow = (row: BenchRow): void => {
    rows.push(row);
    files.add(row);
    output.out(`${toStdout ? JSON.stringify(row) : rowLine(row, paint)}\n`);
  };
  const shared = {
    onProgress: say,
    ...(signal && { signal }),
    ...(options.filter !== undefined && { filter: options.filter }),
    ...(options.samples !== undefined && { samples: options.samples }),
  };
  let failure: { readonly error: unknown } | undefined;
  try {
    signal?.throwIfAborted();
    if (options.host) await measureHost(shared, onRow);
    if (device && options.suite) {
      const { plans, size, dtype, cache } = options;
      await runSuite(
        device,
        { ...shared, ...(plans && { plans }), cache, ...(size && { size }), ...(dtype && { dtype }) },
        onRow,
      );
    }
    if (device && options.compare) await compareWithOnnxruntime(device, shared, onRow);
    if (device && options.formats) await measureFormats(device, shared, onRow);
    if (device && options.scaling)
      await measureScaling(
        device,
        {
          ...shared,
          ...(options.plans && { plans: options.plans }),
          ...(options.lengths && { lengths: options.lengths }),
        },
        onRow,
      );
  } catch (error) {
    failure = { error };
  } finally {
    device?.dispose();
  }
  try {
    files.finish();
  } catch (error) {
    // What stopped the measurement says more than what became of its files.
    failure ??= { error };
  }
  if (failure) throw failure.error;
  const comparisons = rows.filter((row): row is ComparisonRow => row.kind === 'comparison');
  if (comparisons.length > 0 && !toStdout) output.out(`\n${summaryLines(comparisons).join('\n')}\n`);
  const lengths = rows.filter((row) => row.kind === 'scaling');
  if (lengths.length > 0) for (const line of scalingLines(lengths)) (toStdout ? say : out)(line);
  if (rows.length === 0) say(`nothing matches --filter '${options.filter ?? ''}'`);
  const bad = rows.filter(({ status }) => ['wrong', 'failed', 'ours-wrong'].includes(status));
  if (bad.length > 0) say(`${bad.length} of ${rows.length} results are wrong or failed`);
  return rows.length === 0 || bad.length > 0 ? 1 : 0;
}

async function deviceOf(options: BenchOptions, say: (line: string) => void): Promise<Device> {
  const { line } = await selectAdapter({ choice: options.adapter, system: options.system, log: say });
  say(line);
  return await openDevice();
}
