import { normalNumbers } from '@tilewright/kernels';
import { openTestDevice, type TestDevice } from '@tilewright/tooling/test-device';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseBenchOptions } from '../command/options.ts';
import { plain, rowLine } from '../command/print.ts';
import { writeReport } from '../report/write-report.ts';
import { breakEvens } from './break-even.ts';
import { measureFormats } from './measure-formats.ts';
import { type FormatRow, formatRowSchema } from './row.ts';
import { judgeProduct } from './sampled-product.ts';
import { sparseCase, weightCases } from './weight-case.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened.dispose());

test('every format has a case, and every sparse cut at least one', () => {
  const names = weightCases.map(({ name }) => name);
  expect(new Set(weightCases.map(({ name, density }) => `${name} ${density}`)).size).toBe(names.length);
  for (const name of ['f16', 'int4-g32', 'csr', 'bsr-1x4', 'bsr-4x1', 'bsr-16x1', 'bsr-16x16', 'bsr-32x32'])
    expect(names).toContain(name);
});

describe('rows', () => {
  let rows: readonly FormatRow[];
  const heard: FormatRow[] = [];
  beforeAll(async () => {
    const cases = [
      weightCases.find(({ name }) => name === 'int4-g32')!,
      sparseCase({ height: 1, width: 1 }, 0.3),
      sparseCase({ height: 16, width: 16, dtype: 'int8' }, 0.3),
    ];
    rows = await measureFormats(
      opened.device,
      { cases, rows: [1, 16], shape: [64, 96], samples: 3 },
      (row) => void heard.push(row),
    );
  });

  test('are right, and have times beside those of f32', () => {
    expect(heard).toEqual(rows);
    expect(rows.map(({ format, m, status, message }) => [format, m, status, message])).toEqual(
      ['int4-g32', 'csr', 'bsr-16x16-int8'].flatMap((format) =>
        [1, 16].map((m) => [format, m, 'passed', '']),
      ),
    );
    for (const row of rows) {
      expect(v.parse(formatRowSchema, JSON.parse(JSON.stringify(row)))).toEqual(row);
      expect(row.error).toBeLessThanOrEqual(row.allowed!);
      expect(row.speedup).toBeGreaterThan(0);
    }
    // A full row of 96, an empty one, and three tenths of the others.
    expect(rows[2]!.density).toBeGreaterThan(0.2);
    expect(rows[2]!.density).toBeLessThan(0.4);
    expect(rows.map(({ kernel }) => kernel)).toEqual([
      'gemv',
      'matmul',
      ...Array.from({ length: 4 }, () => 'block-sparse-matmul'),
    ]);
  });

  test('are right where a weight takes several bindings', async () => {
    const cut = await measureFormats(opened.device, {
      cases: weightCases.filter(({ name }) => ['f16', 'int4-g32'].includes(name)),
      rows: [1, 9],
      shape: [70, 96],
      samples: 1,
      bindingBytes: 6000,
    });
    expect(cut.map(({ format, m, status, message }) => [format, m, status, message])).toEqual([
      ['f16', 1, 'passed', ''],
      ['f16', 9, 'passed', ''],
      ['int4-g32', 1, 'passed', ''],
      ['int4-g32', 9, 'passed', ''],
    ]);
  });

  test('are lines, and a table of the report', () => {
    expect(rowLine(rows[2]!, plain)).toMatch(
      /^csr, [\d.]+ % stored, 1 rows .*× .* f32 .*block-sparse-matmul: /,
    );
    expect(writeReport(rows)).toContain('Weights in each format beside f32');
    const wrong: FormatRow = { ...rows[0]!, status: 'wrong', message: 'no', timeMs: null };
    expect(rowLine(wrong, plain)).toMatch(/^int4-g32, 1 rows +wrong: no$/);
    expect(() => v.parse(formatRowSchema, { ...wrong, status: 'passed' })).toThrow('a row has a time');
  });

  test('say from which density on dense is faster', () => {
    const at = (density: number, speedup: number, m = 1): FormatRow => ({
      ...rows[2]!,
      format: 'csr',
      density,
      m,
      speedup,
    });
    // Times of 0.6 and 0.35 of dense: 0.1 and 2.5 for each of density, 1 at 0.36.
    const [found] = breakEvens([at(0.2, 1 / 0.6), at(0.1, 1 / 0.35), at(0.2, 0.5, 16)]);
    expect(found).toMatchObject({
      format: rows[2]!.formatId,
      rows: 1,
      adapter: rows[2]!.environment.adapter,
    });
    expect(found!.density).toBeCloseTo(0.36, 10);
  });
});

test('a wrong result is seen', () => {
  const [m, n, k] = [5, 200, 30];
  const [a, b] = [normalNumbers(m * k, 1), normalNumbers(n * k, 2)];
  const y = Float32Array.from({ length: m * n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < k; j++) sum += a[Math.floor(i / n) * k + j]! * b[(i % n) * k + j]!;
    return sum;
  });
  expect(judgeProduct({ a, b, m, n, k }, y).error).toBeLessThan(1e-6);
  y[4 * n + 199] = NaN;
  expect(judgeProduct({ a, b, m, n, k }, y).error).toBe(Infinity);
});

test('--formats takes the place of the workloads', () => {
  expect(parseBenchOptions(['--formats'])).toMatchObject({ formats: true, suite: false });
  expect(parseBenchOptions(['--formats', '--suite'])).toMatchObject({ formats: true, suite: true });
});
