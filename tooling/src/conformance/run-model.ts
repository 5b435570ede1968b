// One model folder: opened, loaded and run through the public API, and held against its `expected.json`.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { openModelFolderAt } from '@tilewright/formats/node';
import { isTilewrightError, TilewrightError } from '@tilewright/kernels';
import {
  type EmbeddingTasks,
  generateTokens,
  type LanguageTasks,
  loadLanguageModel,
  type OpenedModel,
  score,
  scoring,
} from '@tilewright/models';
import { architectures, openModel } from '@tilewright/models/all';
import type { Device } from '@tilewright/runtime';
import { isRecord } from './case-file.ts';
import type { CaseResult } from './run-case.ts';
import { comparedVectors, isExpectedVectors, missingVectors } from './run-encoder.ts';

const expectedFile = 'expected.json';
/** Of the largest logit that is wanted: f32 arithmetic on weights as the file has them. */
const bound = 4e-5;

/** The model folders in `named`, or `named` itself where it is one; empty where there are none. */
export function modelFolders(named: string): readonly string[] {
  const isModel = (folder: string): boolean => existsSync(join(folder, expectedFile));
  if (isModel(named)) return [named];
  if (!existsSync(named) || !statSync(named).isDirectory()) return [];
  return readdirSync(named)
    .map((name) => join(named, name))
    .filter(isModel)
    .sort();
}

/** What a decoder must give. */
interface ExpectedTokens {
  readonly tokens: readonly number[];
  readonly last_logits: readonly number[];
  readonly argmax: readonly number[];
  readonly greedy?: readonly number[];
}

export const skippedModel = (folder: string, reason: string): CaseResult => ({
  name: basename(folder),
  op: basename(folder).startsWith('trap-') ? 'trap' : 'family',
  status: 'skipped',
  worstError: null,
  reason,
});

/** Runs one folder. What goes wrong in it makes it a failed one; an architecture that is not there a skipped one. */
export async function runModel(device: Device, folder: string): Promise<CaseResult> {
  const result = skippedModel(folder, '');
  const failed = (reason: string): CaseResult => ({ ...result, status: 'failed', reason });
  try {
    const expected = readExpected(folder, expectedFile);
    if (expected.refuse === true) return { ...result, ...(await refused(device, folder, expected)) };
    const lacking = await missingArchitecture(folder);
    if (lacking !== undefined) return { ...result, reason: lacking };
    const short = join(folder, 'expected.short.json');
    const others = Array.isArray(expected.others) ? expected.others.filter(isRecord) : [];
    const cases = [
      expected,
      ...others,
      ...(existsSync(short) ? [readExpected(folder, 'expected.short.json')] : []),
    ];
    let worst = 0;
    for (const each of cases) {
      const found = await comparedTo(device, folder, each);
      if (typeof found === 'string') return { ...result, reason: found };
      worst = Math.max(worst, found.worst);
      if (found.problem !== undefined) return { ...failed(found.problem), worstError: found.worst };
    }
    if (expected.text === 'refuse') {
      const problem = await textProblem(folder);
      if (problem !== undefined) return failed(problem);
    }
    return { ...result, status: 'passed', worstError: worst };
  } catch (error) {
    if (isTilewrightError(error) && error.code === 'device-lost') throw error;
    return failed(error instanceof Error ? error.message : String(error));
  }
}

function readExpected(folder: string, name: string): Record<string, unknown> {
  const value: unknown = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  if (isRecord(value)) return value;
  throw new TilewrightError('bad-file', {
    subject: name,
    problem: 'it is not an object',
    requirement: 'it says what a model gives',
  });
}

const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'number');

const isExpectedTokens = (
  value: Record<string, unknown>,
): value is Record<string, unknown> & ExpectedTokens =>
  isNumbers(value.tokens) && isNumbers(value.last_logits) && isNumbers(value.argmax);

const silent = { onWarning: () => {} };

type AnyModel = OpenedModel<LanguageTasks | EmbeddingTasks>;

const open = async (folder: string): Promise<AnyModel> =>
  openModel(await openModelFolderAt(folder), { ...silent, architectures });

const writes = (opened: AnyModel): opened is OpenedModel<LanguageTasks> => 'decode' in opened.model.tasks;
const embeds = (opened: AnyModel): opened is OpenedModel<EmbeddingTasks> => 'embed' in opened.model.tasks;

/** How far a model is off what is wanted, or why it cannot be asked. */
async function comparedTo(
  device: Device,
  folder: string,
  expected: Record<string, unknown>,
): Promise<Difference | string> {
  const opened = await open(folder);
  if (isExpectedTokens(expected) && writes(opened)) return compared(device, opened, expected);
  if (isExpectedVectors(expected) && embeds(opened))
    return missingVectors(expected) ?? comparedVectors(device, opened, expected, bound);
  return 'no task that gives these outputs';
}

interface Difference {
  readonly worst: number;
  readonly problem: string | undefined;
}

/** Why a folder cannot be run: none of the architectures claims its config. */
async function missingArchitecture(folder: string): Promise<string | undefined> {
  const source = await openModelFolderAt(folder);
  await source.close();
  if (architectures.some((architecture) => architecture.claims(source.config))) return undefined;
  const named = source.config.get('architectures');
  return `no architecture ${String(Array.isArray(named) ? named[0] : source.config.get('model_type'))}`;
}

async function refused(
  device: Device,
  folder: string,
  { mentions, why }: Record<string, unknown>,
): Promise<Pick<CaseResult, 'status' | 'reason'>> {
  try {
    const opened = await open(folder);
    if (writes(opened)) (await loadLanguageModel(device, opened)).dispose();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!isTilewrightError(error)) return { status: 'failed', reason: `an error without a type: ${message}` };
    const words = Array.isArray(mentions) ? mentions.map(String) : [];
    if (words.some((word) => message.includes(word))) return { status: 'passed', reason: '' };
    return { status: 'failed', reason: `the refusal mentions none of ${words.join(', ')}: ${message}` };
  }
  return { status: 'failed', reason: `it was loaded, although ${String(why)}` };
}

/** A folder without tokenizer must say so where text is asked for. */
async function textProblem(folder: string): Promise<string | undefined> {
  const { text } = await open(folder);
  try {
    await text.tokenizer();
  } catch (error) {
    if (isTilewrightError(error) && error.message.includes('tokenizer.json')) return undefined;
    return `asking for text failed without naming tokenizer.json: ${String(error)}`;
  }
  return 'asking for text did not fail';
}

async function compared(
  device: Device,
  opened: OpenedModel<LanguageTasks>,
  { tokens, last_logits: wanted, argmax, greedy }: ExpectedTokens,
): Promise<Difference> {
  const model = await loadLanguageModel(device, opened, { scoring });
  try {
    const scores = await score(model, tokens, { logits: true });
    const logits = scores.logits!.subarray(-model.tasks.vocabulary);
    if (logits.length !== wanted.length)
      return { worst: Infinity, problem: `${logits.length} logits came out, ${wanted.length} are wanted` };
    const largest = Math.max(...wanted.map(Math.abs));
    // A NaN is worse than everything.
    const worst = Math.max(...wanted.map((want, i) => Math.abs(logits[i]! - want) / largest));
    if (!(worst <= bound)) return { worst, problem: `logits are off by ${worst} of the largest` };
    if (scores.argmax.join() !== argmax.join())
      return {
        worst,
        problem: `the likeliest tokens are ${scores.argmax.join()} instead of ${argmax.join()}`,
      };
    const written: number[] = [];
    // No stop tokens: the reference ignores them.
    for await (const token of generateTokens(model, tokens, { maxTokens: greedy?.length ?? 0 }))
      written.push(token);
    if (written.join() !== (greedy ?? []).join())
      return { worst, problem: `it writes ${written.join()} instead of ${greedy!.join()}` };
    return { worst, problem: undefined };
  } finally {
    model.dispose();
  }
}
