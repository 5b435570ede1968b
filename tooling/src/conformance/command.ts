// `npm run conformance -- FOLDER`: runs operator test vectors through graphs of one node.
import { renameSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { selectAdapter } from '@tilewright/bench/adapter';
import { checkWritable, type Terminal } from '@tilewright/bench/process';
import { isTilewrightError, TilewrightError } from '@tilewright/kernels';
import { openDevice } from '@tilewright/runtime';
import { readIndex } from './case-file.ts';
import { type CaseResult, runCase } from './run-case.ts';

export const usage = `Usage: npm run conformance -- FOLDER [options]

Runs every case of FOLDER/index.json through a graph of one node and compares what comes out.

  --adapter NAME  auto (default), lavapipe or swiftshader
  --json FILE     an array of { name, op, status, worstError, reason }
  --help          this text

Exit code: 0 no case failed, 1 some did, 2 a wrong command line, 130 interrupted.
`;

interface Options {
  readonly folder: string;
  readonly adapter: string | undefined;
  readonly json: string | undefined;
}

/** Runs the command and returns its exit code. Paths are taken from `base`. */
export async function conformanceCommand(
  words: readonly string[],
  terminal: Terminal,
  signal?: AbortSignal,
  base: string = process.cwd(),
): Promise<number> {
  try {
    const options = parse(words, base);
    if (options === 'help') {
      terminal.out(usage);
      return 0;
    }
    return await run(options, terminal, signal);
  } catch (error) {
    if (signal?.aborted) {
      terminal.error('interrupted\n');
      return 130;
    }
    if (!isTilewrightError(error)) throw error;
    terminal.error(`${error.message}\n`);
    return error.code === 'bad-argument' ? 2 : 1;
  }
}

function parse(words: readonly string[], base: string): Options | 'help' {
  const refuse = (problem: string): never => {
    throw new TilewrightError('bad-argument', {
      subject: 'conformance',
      problem,
      requirement: 'it takes FOLDER, --adapter NAME and --json FILE',
      fix: '--help says more',
    });
  };
  const text = { type: 'string' } as const;
  const read = () => {
    try {
      return parseArgs({
        args: [...words],
        options: { adapter: text, json: text, help: { type: 'boolean' } },
        allowPositionals: true,
      });
    } catch (error) {
      return refuse(error instanceof Error ? error.message : String(error));
    }
  };
  const { values, positionals } = read();
  if (values.help) return 'help';
  if (positionals.length !== 1) refuse(`${positionals.length} folders are named`);
  const { adapter, json } = values;
  return { folder: resolve(base, positionals[0]!), adapter, json: json && resolve(base, json) };
}

async function run(
  { folder, adapter, json }: Options,
  terminal: Terminal,
  signal: AbortSignal | undefined,
): Promise<number> {
  const entries = readIndex(folder);
  if (json !== undefined) checkWritable('--json', json);
  const say = (line: string): void => terminal.error(`${line}\n`);
  const { line } = await selectAdapter({ choice: adapter, log: say });
  say(line);
  const device = await openDevice();
  const results: CaseResult[] = [];
  const clear = (): void => {
    if (terminal.interactive) terminal.error('\r\u001B[K');
  };
  try {
    for (const [index, entry] of entries.entries()) {
      signal?.throwIfAborted();
      if (terminal.interactive) terminal.error(`\r\u001B[Kcase ${index + 1} of ${entries.length}`);
      const result = await runCase(device, folder, entry, index);
      results.push(result);
      if (result.status !== 'failed') continue;
      clear();
      terminal.out(`${painted(terminal, 'failed', 31)}  ${result.name}: ${result.reason}\n`);
    }
  } finally {
    clear();
    device.dispose();
  }
  for (const each of operatorLines(results, terminal)) terminal.out(`${each}\n`);
  if (json !== undefined) {
    writeFileSync(`${json}.part`, `${JSON.stringify(results, null, 2)}\n`);
    renameSync(`${json}.part`, json);
  }
  terminal.out(`${counted(results)}\n`);
  return results.some(({ status }) => status === 'failed') ? 1 : 0;
}

const painted = ({ colour }: Terminal, text: string, code: number): string =>
  colour ? `\u001B[${code}m${text}\u001B[0m` : text;

function counted(results: readonly CaseResult[]): string {
  const count = (status: CaseResult['status']): number =>
    results.filter((result) => result.status === status).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
}

/** A line for each operator, with the worst error, and why cases were skipped. */
function operatorLines(results: readonly CaseResult[], terminal: Terminal): readonly string[] {
  const operators = [...new Set(results.map(({ op }) => op))].sort();
  const width = Math.max(0, ...operators.map((op) => op.length));
  return operators.map((op) => {
    const own = results.filter((result) => result.op === op);
    const errors = own.flatMap(({ worstError }) => worstError ?? []);
    const skipped = [...new Set(own.flatMap(({ status, reason }) => (status === 'skipped' ? reason : [])))];
    const details = [
      ...(errors.length > 0 ? [`worst error ${Math.max(...errors).toExponential(1)}`] : []),
      ...skipped,
    ];
    return `${op.padEnd(width)}  ${counted(own)}${details.length > 0 ? painted(terminal, `  ${details.join('; ')}`, 2) : ''}`;
  });
}
