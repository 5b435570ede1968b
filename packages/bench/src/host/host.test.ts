// What `bench --host` says; how long a step takes is for a bench to say, not for a test.
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { benchCommand } from '../command/bench-command.ts';
import { plain, rowLine } from '../command/print.ts';
import { writeReport } from '../report/write-report.ts';
import { measureHost } from './measure-host.ts';
import { type HostRow, hostRowSchema } from './row.ts';

async function measure(layers: number): Promise<HostRow> {
  const rows: HostRow[] = [];
  await measureHost({ layers, samples: 3, repeats: 2 }, (row) => rows.push(row));
  expect(rows).toHaveLength(1);
  return v.parse(hostRowSchema, rows[0]);
}

test('a step and a bare loop of as many dispatches are timed in turns', async () => {
  const row = await measure(2);
  expect(row.loopDispatches).toBe(row.dispatches);
  expect(row.environment).toMatchObject({ vendor: '', software: expect.any(Boolean) as boolean });
  expect(row.environment.toggles).toContain('backend=null');
  expect(rowLine(row, plain)).toMatch(
    /^host, llama of 2 layers, \d+ dispatches +[\d.]+ .s a step, +[\d.]+ .s a bare loop: \d+\.\d\d×$/,
  );
  expect(writeReport([row])).toContain('What a step costs the host');
  // Six a layer, and what stands around the layers.
  const larger = await measure(5);
  expect(larger.dispatches - row.dispatches).toBe(6 * 3);
});

test('--host measures that and nothing else', async () => {
  let [out, error] = ['', ''];
  const code = await benchCommand(['--host', '--samples', '1', '--json', '-'], {
    out: (text) => void (out += text),
    error: (text) => void (error += text),
    colour: false,
  });
  const row = v.parse(hostRowSchema, JSON.parse(out));
  expect([code, row.layers, row.dispatches, error]).toEqual([
    0,
    32,
    195,
    "host: a decode of 32 layers on Dawn's null backend\n",
  ]);
  expect(row.ratio).toBeGreaterThan(0);
});
