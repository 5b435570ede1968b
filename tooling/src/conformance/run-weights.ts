// Folders of compressed weights: tables of numbers, blocks of GGUF, layers of checkpoints with the numbers they mean, whole models.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { allCheckpoints } from '@tilewright/formats/checkpoints';
import { blockTypes } from '@tilewright/formats/gguf';
import { openModelFolderAt } from '@tilewright/formats/node';
import { isTilewrightError, TilewrightError } from '@tilewright/kernels';
import type { Device } from '@tilewright/runtime';
import { isRecord } from './case-file.ts';
import { numberTables } from './number-tables.ts';
import type { CaseResult } from './run-case.ts';
import { runModel } from './run-model.ts';
import { comparedValues, type Outcome } from './weight-values.ts';

/** One row of the report. */
export interface WeightCase {
  run(device: Device): Promise<CaseResult>;
  skipped(reason: string): CaseResult;
}

/** The cases in `named` and the folders in it; empty where there are none of weights. */
export function weightCases(named: string): readonly WeightCase[] {
  if (!existsSync(named) || !statSync(named).isDirectory()) return [];
  const inside = readdirSync(named, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [join(named, entry.name)] : [],
  );
  const folders = [named, ...inside.sort()];
  const cases = folders.flatMap(valueCases);
  if (cases.length === 0) return [];
  return [...cases, ...folders.flatMap(modelCases)];
}

const has = (folder: string, file: string): boolean => existsSync(join(folder, file));

function valueCases(folder: string): readonly WeightCase[] {
  if (has(folder, 'tables.bin')) return tableCases(folder);
  if (has(folder, 'truth.json')) return layerCases(folder);
  return has(folder, 'cases.bin') && holdsBlocks(folder) ? blockCases(folder) : [];
}

/** Cases of operators lie in such files, too; what is wrong with an index of theirs, who reads it says. */
function holdsBlocks(folder: string): boolean {
  try {
    return entriesOf(folder, 'index.json').some(({ type }) => type !== undefined);
  } catch {
    return false;
  }
}

/** A row of that name; what goes wrong makes it a failed one. */
function weightCase(name: string, run: (device: Device) => Promise<Outcome>): WeightCase {
  const skipped = (reason: string): CaseResult => ({
    name,
    op: 'weights',
    status: 'skipped',
    worstError: null,
    reason,
  });
  return {
    skipped,
    async run(device) {
      try {
        return { ...skipped(''), ...(await run(device)) };
      } catch (error) {
        if (isTilewrightError(error) && error.code === 'device-lost') throw error;
        return { ...skipped(String(error instanceof Error ? error.message : error)), status: 'failed' };
      }
    },
  };
}

const notBuilt = (reason: string): Outcome => ({ status: 'skipped', worstError: null, reason });

interface Place {
  readonly offset: number;
  readonly size: number;
}

function placeOf(value: unknown): Place {
  if (isRecord(value) && Number.isSafeInteger(value.offset) && Number.isSafeInteger(value.size))
    return value as unknown as Place;
  throw new TilewrightError('bad-file', {
    subject: 'index',
    problem: 'a case does not say where its bytes lie',
  });
}

function entriesOf(folder: string, file: string): readonly Record<string, unknown>[] {
  const value: unknown = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  if (Array.isArray(value) && value.every(isRecord)) return value;
  throw new TilewrightError('bad-file', { subject: file, problem: 'it is not a list of cases' });
}

/** Bytes of a file, in memory of their own. */
function bytesAt(folder: string, file: string, place: unknown): Uint8Array<ArrayBuffer> {
  const { offset, size } = placeOf(place);
  return new Uint8Array(readFileSync(join(folder, file)).subarray(offset, offset + size));
}

const floatsAt = (folder: string, file: string, place: unknown): Float32Array =>
  new Float32Array(bytesAt(folder, file, place).buffer);

function tableCases(folder: string): readonly WeightCase[] {
  return entriesOf(folder, 'index.json').map((entry) => {
    const name = String(entry.name);
    return weightCase(`table-${name}`, async (device) => {
      const table = numberTables.find((each) => each.name === name);
      if (!table) return notBuilt(`no table ${name}`);
      const want = floatsAt(folder, 'tables.bin', entry.values);
      return await comparedValues(device, table.tensor(), want);
    });
  });
}

function blockCases(folder: string): readonly WeightCase[] {
  return entriesOf(folder, 'index.json').map((entry) => {
    const { name, type, rows, columns } = entry;
    return weightCase(String(name), async (device) => {
      const found = blockTypes.find((each) => each.name === type);
      if (!found) return notBuilt(`no blocks of the type ${String(type)}`);
      const host = found.repack(bytesAt(folder, 'cases.bin', entry.bytes), [Number(rows), Number(columns)]);
      return await comparedValues(device, host, floatsAt(folder, 'cases.bin', entry.values));
    });
  });
}

function layerCases(folder: string): readonly WeightCase[] {
  return entriesOf(folder, 'truth.json').map((entry) => {
    const name = String(entry.name);
    return weightCase(`${basename(folder)}: ${name}`, async (device) => {
      const source = await openModelFolderAt(folder);
      try {
        const { tensors } = await source.openWeights();
        const weights = await (await allCheckpoints(source)).tensors(tensors);
        const stored = weights.get(name);
        if (!stored) return { status: 'failed', worstError: null, reason: `there is no weight of this name` };
        const found = await comparedValues(
          device,
          await stored.read(),
          floatsAt(folder, 'truth.bin', entry.values),
        );
        if (found.status !== 'passed') return found;
        return { ...found, ...largerThanStored(tensors, weights, name) };
      } finally {
        await source.close();
      }
    });
  });
}

/** Fails a weight that takes more than 1.1 times the bytes that its tensors take in the file. */
function largerThanStored(
  tensors: ReadonlyMap<string, { readonly sizeBytes: number }>,
  weights: ReadonlyMap<string, { readonly sizeBytes: number }>,
  name: string,
): Partial<Outcome> {
  const base = name.replace(/\.weight$/, '');
  const stored = [...tensors].filter(([each]) => each.startsWith(base) && !weights.has(each));
  const other = tensors.get(name);
  const bytes = stored.reduce((sum, [, { sizeBytes }]) => sum + sizeBytes, other?.sizeBytes ?? 0);
  const bound = weights.get(name)!.sizeBytes;
  if (bound <= 1.1 * bytes) return {};
  return { status: 'failed', reason: `${bound} bytes are bound, and ${bytes} are stored` };
}

function modelCases(folder: string): readonly WeightCase[] {
  if (!has(folder, 'expected.json')) return [];
  return [
    weightCase(basename(folder), async (device) => {
      if (!has(folder, 'config.json')) return notBuilt('containers of GGUF are not read');
      return await runModel(device, folder);
    }),
  ].map((each) => ({ ...each, run: async (device) => ({ ...(await each.run(device)), op: 'weights' }) }));
}
