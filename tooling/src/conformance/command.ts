// `npm run conformance -- FOLDER`: runs operator test vectors through graphs of one node, and folders of models.
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { selectAdapter } from '@tilewright/bench/adapter';
import { jsonOutput, reportFailure, type Terminal } from '@tilewright/bench/process';
import { TilewrightError } from '@tilewright/kernels';
import { type Device, openDevice } from '@tilewright/runtime';
import { caseFolder, firstPositions, nameOf, readIndex } from './case-file.ts';
import { progressOf } from './progress.ts';
import { modelFolders, runModel, skippedModel } from './run-model.ts';
import { weightCases } from './run-weights.ts';
import { type CaseResult, runCase, skippedCase } from './run-case.ts';
import { counted, operatorLines, painted, printable } from './summary.ts';

export const usage = `Usage: npm run conformance -- FOLDER [options]

Runs every case of FOLDER/index.json through a graph of one node and compares what comes out. Where FOLDER has no
index.json but one folder in it has, that one is run. Where FOLDER, or folders in it, hold an expected.json, they are
models: opened, run and compared, or refused as they must be. Where folders in it hold a truth.json, blocks of GGUF or tables of
numbers, they are weights: numbers are compared to the bit on the host and within two units in the last place on the device.

  --adapter NAME  auto (default), lavapipe or swiftshader
  --json FILE     an array of { name, op, status, worstError, reason }; op is an operator, family or trap of a model,
                  or weights; errors of weights are units in the last place
  --help          this text

Exit code: 0 no case failed, 1 some did, 2 a wrong command line, 130 interrupted. What was done until then is reported
and written, the rest as skipped.
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
    return reportFailure(error, terminal, signal);
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
  const [folder] = positionals;
  for (const [word, value] of Object.entries({ FOLDER: folder, '--adapter': adapter, '--json': json }))
    if (value === '') refuse(`the value of ${word} is empty`);
  return { folder: resolve(base, folder!), adapter, json: json === '-' ? json : json && resolve(base, json) };
}

/** Something to run, whatever it is of. */
interface Case {
  run(device: Device): Promise<CaseResult>;
  skipped(reason: string): CaseResult;
}

/** Model folders where there are any, else the entries of an index. Throws `bad-argument` where there is neither. */
function casesOf(named: string): readonly Case[] {
  const weights = weightCases(named);
  if (weights.length > 0) return weights;
  const models = modelFolders(named);
  if (models.length > 0)
    return models.map((folder) => ({
      run: (device) => runModel(device, folder),
      skipped: (reason) => skippedModel(folder, reason),
    }));
  const folder = caseFolder(named);
  const entries = readIndex(folder);
  const first = firstPositions(entries);
  return entries.map((entry, index) => ({
    run: (device) => runCase(device, folder, entry, index, first.get(nameOf(entry, index))),
    skipped: (reason) => skippedCase(entry, index, reason),
  }));
}

async function run(
  { folder: named, adapter, json }: Options,
  screen: Terminal,
  signal: AbortSignal | undefined,
): Promise<number> {
  const cases = casesOf(named);
  const { terminal, save: saveJson } = jsonOutput(json, screen);
  const say = (line: string): void => terminal.error(`${line}\n`);
  const { line } = await selectAdapter({ choice: adapter, log: say });
  say(line);
  const device = await openDevice();
  const results: CaseResult[] = [];
  const progress = progressOf(terminal, cases.length);
  try {
    for (const [index, each] of cases.entries()) {
      // Signals arrive between two turns of the event loop; cases that are skipped never wait for one.
      await setImmediate();
      if (signal?.aborted) break;
      progress.at(index);
      const result = await each.run(device);
      results.push(result);
      if (result.status !== 'failed') continue;
      progress.clear();
      const line = `${printable(result.name)}: ${printable(result.reason)}`;
      terminal.out(`${painted(terminal, 'failed', 31)}  ${line}\n`);
    }
  } finally {
    progress.clear();
    device.dispose();
  }
  const done = results.length;
  for (const { skipped } of cases.slice(done)) results.push(skipped('interrupted'));
  for (const each of operatorLines(results, terminal)) terminal.out(`${each}\n`);
  saveJson(results);
  if (done < cases.length) say(`interrupted after ${done} of ${cases.length} cases`);
  terminal.out(`${counted(results)}\n`);
  if (done < cases.length) return 130;
  return results.some(({ status }) => status === 'failed') ? 1 : 0;
}
