// Weights made here, right and wrong, and the published ones where they are at hand.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testProfile } from '../test-device.ts';
import { conformanceCommand } from './command.ts';
import type { CaseResult } from './run-case.ts';

const silent = { out: () => {}, error: () => {}, colour: false, interactive: false };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tilewright-weights-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function resultsOf(named: string): Promise<readonly CaseResult[]> {
  const json = join(folder, 'results.json');
  await conformanceCommand([named, '--json', json], silent);
  return JSON.parse(readFileSync(json, 'utf8')) as CaseResult[];
}

test('cases of operators in one file are no weights', async () => {
  const operators = join(folder, 'operators');
  mkdirSync(operators);
  const x = { name: 'x', dtype: 'f32', shape: [1], offset: 0, bytes: 4 };
  const given = {
    name: 'abs',
    op: 'Abs',
    inputs: [x],
    outputs: [{ ...x, name: 'y', offset: 8 }],
    bin: 'cases.bin',
  };
  writeFileSync(join(operators, 'cases.bin'), new Uint8Array(Float32Array.of(-2, 0, 2).buffer));
  writeFileSync(join(operators, 'index.json'), JSON.stringify([given]));
  expect(await resultsOf(operators)).toMatchObject([{ name: 'abs', op: 'Abs', status: 'passed' }]);
});

test('blocks and tables with the numbers they mean, with others, and of unknown types', async () => {
  const weights = join(folder, 'weights');
  mkdirSync(join(weights, 'blocks'), { recursive: true });
  mkdirSync(join(weights, 'tables'));
  // A scale of 1.5 and the codes 0 to 31.
  const block = Uint8Array.of(0, 0x3e, ...Array.from({ length: 32 }, (_, i) => i));
  const values = Float32Array.from({ length: 32 }, (_, i) => 1.5 * i);
  const bin = new Uint8Array(40 + 128);
  bin.set(block);
  bin.set(new Uint8Array(values.buffer), 40);
  writeFileSync(join(weights, 'blocks/cases.bin'), bin);
  const right = {
    name: 'right',
    type: 'Q8_0',
    rows: 1,
    columns: 32,
    bytes: { offset: 0, size: 34 },
    values: { offset: 40, size: 128 },
  };
  const others = [
    { ...right, name: 'wrong', values: { offset: 36, size: 128 } },
    { ...right, name: 'short', bytes: { offset: 0, size: 33 } },
    { ...right, name: 'unknown', type: 'Q9_X' },
  ];
  writeFileSync(join(weights, 'blocks/index.json'), JSON.stringify([right, ...others]));
  const sizes = [0, 0.5, 1, 1.5, 2, 3, 4, 6];
  const table = Float32Array.from([...sizes, ...sizes.map((size) => -size)]);
  writeFileSync(join(weights, 'tables/tables.bin'), new Uint8Array(table.buffer));
  const place = { offset: 0, size: 64 };
  writeFileSync(
    join(weights, 'tables/index.json'),
    JSON.stringify([
      { name: 'f4-e2m1', codes: 16, values: place },
      { name: 'nf4', codes: 16, values: place },
    ]),
  );
  const results = await resultsOf(weights);
  expect(results.map(({ name, op, status, reason }) => [name, op, status, reason])).toEqual([
    ['right', 'weights', 'passed', ''],
    ['wrong', 'weights', 'failed', 'int8-g32: number 1 is 1.5 instead of 0 on the host'],
    ['short', 'weights', 'failed', '[Q8_0] 33 bytes; shape [1, 32] takes 34. Fix: read the tensor again.'],
    ['unknown', 'weights', 'skipped', 'no blocks of the type Q9_X'],
    ['table-f4-e2m1', 'weights', 'passed', ''],
    ['table-nf4', 'weights', 'failed', 'nf4-g64: number 0 is -1 instead of 0 on the host'],
  ]);
});

const published = join(
  process.env['TILEWRIGHT_SHARED'] ?? join(import.meta.dirname, '../../../../shared'),
  'conformance/weights',
);
const isThere = existsSync(published);
if (!isThere) console.log(`skipped: there are no published weights in ${published}`);

// Skipped where the files are not at hand; the line above says so.
test.skipIf(!isThere)(
  `the published weights on ${testProfile.name}`,
  async () => {
    const results = await resultsOf(published);
    expect(results.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(results.filter(({ status }) => status === 'passed').length).toBeGreaterThanOrEqual(95);
    expect(results.every(({ op }) => op === 'weights')).toBe(true);
  },
  590_000,
);
