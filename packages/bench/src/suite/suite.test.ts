import {
  assemble,
  defineKernel,
  type Kernel,
  type KernelCheck,
  type Plan,
  type Problem,
} from '@tilewright/kernels';
import { check as rmsNorm } from '@tilewright/kernels/rms-norm/check';
import { openTestDevice, type TestDevice } from '@tilewright/tooling/test-device';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeFlush, measurePeaks } from '../measure/peaks.ts';
import { tune } from './measure-plans.ts';
import { type KernelRow, kernelRowSchema } from './row.ts';
import { runSuite } from './run-suite.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened.dispose());

const quick = {
  samples: 3,
  minSampleMs: 0.2,
  budgetMs: 50,
  peaks: { copyGBps: 2, fmaGFLOPs: 10 },
};

/** y = 2 · x, and what may go wrong with it: one Plan is a little off, one does not compile, one is slow but right. */
const planted: Kernel<'x', 'y'> = defineKernel({
  name: 'planted',
  axes: { elements: 'static' },
  inputs: { x: ['elements'] },
  outputs: { y: ['elements'] },
  dtypes: ['f32'],
  variants: [
    {
      name: 'only',
      supports: ({ axes }) => (axes.elements === 13 ? '13 elements are too many' : true),
      plans: () => ['2.001 * v', '2.0 * w', 'slow(v)', '2.0 * v'].map((y) => ({ variant: 'only', y })),
      program: plantedProgram,
    },
  ],
});

function plantedProgram(problem: Problem, plan: Plan): ReturnType<typeof assemble> {
  return assemble({
    kernel: planted,
    problem,
    plan,
    wgsl: [
      `fn slow(v: f32) -> f32 {
        var w = v;
        for (var i = 0u; i < 512u; i++) { w = fract(w * 1.37 + 0.1); }
        return select(2.0 * v, 0.0, w > 2.0); // never
      }
      @compute @workgroup_size(64)
      fn main(@builtin(global_invocation_id) id: vec3<u32>) {
        if (id.x >= ${problem.axes.elements}u) { return; }
        let v = x_load(id.x);
        y_store(id.x, ${String(plan.y)});
      }`,
    ],
    dispatches: [{ entryPoint: 'main', workgroups: Math.ceil(problem.axes.elements! / 64) }],
  });
}

const plantedCheck = (elements: number): KernelCheck => ({
  kernel: planted,
  reference: ({ inputs, round }) => ({ y: inputs.x!.map((value) => round(2 * value)) }),
  cost: ({ axes }) => ({ bytes: 8 * axes.elements!, flops: axes.elements! }),
  cases: [],
  workloads: [{ name: 'plant', model: 'none', size: 'small', axes: { elements } }],
  floor: () => 2 ** -23,
});

const outcome = ({ plan, status, timeMs, error }: KernelRow): unknown[] => [
  plan?.y,
  status,
  timeMs !== null,
  error !== null,
];

test('rms-norm: every row fits the schema, is right and has a time', async () => {
  const { device } = opened;
  const told: KernelRow[] = [];
  const progress: string[] = [];
  const rows = await runSuite(
    device,
    { ...quick, checks: [rmsNorm], filter: 'DECODE/shakespeare', onProgress: (line) => progress.push(line) },
    (row) => told.push(row),
  );
  expect(rows.map(({ dtypes }) => dtypes.y)).toEqual(['f32', 'f16']);
  expect(told).toEqual(rows);
  expect(progress).toEqual([
    '1/2 rms-norm/decode/shakespeare-1m f32',
    '2/2 rms-norm/decode/shakespeare-1m f16',
  ]);
  for (const row of rows) {
    expect(v.parse(kernelRowSchema, JSON.parse(JSON.stringify(row)))).toEqual(row);
    expect(row).toMatchObject({ status: 'passed', planRank: 0, message: '', cache: 'warm' });
    expect(row.timeMs!.p20).toBeLessThanOrEqual(row.timeMs!.p80);
    expect(row.error).toBeLessThanOrEqual(row.allowed!);
    const seconds = row.timeMs!.p50 / 1e3;
    expect(row.gigabytesPerSecond).toBeCloseTo(row.bytes / seconds / 1e9, 9);
    expect(row.percentOfCopy).toBeCloseTo((100 * row.gigabytesPerSecond!) / row.peaks.copyGBps, 9);
    expect(row.environment.adapter).toBe(device.adapter.description);
  }
  expect(rows[0]!.bytes).toBe(2 * rows[1]!.bytes);
});

test('a wrong Plan and one that does not compile get no time, and a right one beside them does', async () => {
  const rows = await runSuite(opened.device, { ...quick, checks: [plantedCheck(1000)], plans: 'all' });
  expect(rows.map(outcome)).toEqual([
    ['2.001 * v', 'wrong', false, true],
    ['2.0 * w', 'failed', false, false],
    ['slow(v)', 'passed', true, true],
    ['2.0 * v', 'passed', true, true],
  ]);
  expect(rows[0]!.message).toMatch(
    /^planted \[plant, elements 1000\] plan .*: y\[\d+\] is .*, want .*; error 5\.0/,
  );
  expect(rows[1]!.message).toContain("unresolved value 'w'");
  for (const row of rows) expect(v.is(kernelRowSchema, row)).toBe(true);
});

test('the schema refuses a time on a row that is not right', async () => {
  const [row] = await runSuite(opened.device, { ...quick, checks: [plantedCheck(64)] });
  const timeMs = { p20: 1, p50: 2, p80: 3 };
  expect(v.is(kernelRowSchema, row)).toBe(true);
  expect(v.safeParse(kernelRowSchema, { ...row, timeMs }).issues?.map(({ message }) => message)).toEqual([
    'a row has a time only if its status is passed',
  ]);
});

test('a problem that no variant takes is a row that says so', async () => {
  const [row] = await runSuite(opened.device, { ...quick, checks: [plantedCheck(13)] });
  expect(outcome(row!)).toEqual([undefined, 'unsupported', false, false]);
  expect(row!.message).toContain('13 elements are too many');
});

test('tune ranks the right Plans by time and puts the others last', async () => {
  const check = plantedCheck(10_000);
  const ranked = await tune(opened.device, check, check.workloads[0]!, { ...quick, samples: 5 });
  expect(ranked.map(({ plan, status }) => [plan.y, status])).toEqual([
    ['2.0 * v', 'passed'],
    ['slow(v)', 'passed'],
    ['2.001 * v', 'wrong'],
    ['2.0 * w', 'failed'],
  ]);
  expect(ranked.map(({ rank }) => rank)).toEqual([3, 2, 0, 1]);
  expect(ranked.map(({ timing }) => timing !== undefined)).toEqual([true, true, false, false]);
});

test('peaks are finite rates, and multiply-adds are faster than one a clock', async () => {
  const { copyGBps, fmaGFLOPs } = await measurePeaks(opened.device);
  expect(copyGBps).toBeGreaterThan(0.05);
  expect(copyGBps).toBeLessThan(20_000);
  expect(fmaGFLOPs).toBeGreaterThan(0.5);
  expect(fmaGFLOPs).toBeLessThan(1e6);
});

test('a cold cache is named', async () => {
  const options = { ...quick, checks: [plantedCheck(4096)], plans: 'all', cache: 'cold' } as const;
  const rows = await runSuite(opened.device, options);
  expect(rows.map(({ cache }) => cache)).toEqual([null, null, 'cold', 'cold']);
});

test('buffers are given back', async () => {
  const { device } = opened;
  const { buffersAlive } = device.counters;
  await runSuite(device, { ...quick, checks: [plantedCheck(300)], plans: 'all' });
  makeFlush(device).dispose();
  expect(device.counters.buffersAlive).toBe(buffersAlive);
});

test('a suite can be stopped', async () => {
  const signal = AbortSignal.abort(new Error('stopped'));
  await expect(runSuite(opened.device, { checks: [rmsNorm], signal })).rejects.toThrow('stopped');
});
