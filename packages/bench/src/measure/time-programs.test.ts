import { openDevice, profilerOf } from '@tilewright/runtime';
import { openTestDevice } from '@tilewright/tooling/test-device';
import { expect, test } from 'vitest';
import { copy } from './peak-kernels.ts';
import { makeFlush } from './peaks.ts';
import { type TimedProgram, timeInterleaved } from './time-programs.ts';

type Opened = Awaited<ReturnType<typeof openDevice>>;

function copies(device: Opened, elements: number): TimedProgram {
  const problem = copy.problem({ axes: { elements } });
  const place = (): TimedProgram['bindings'][string] => {
    const buffer = device.memory.storage(4 * elements, 'copied');
    return { buffer, offsetBytes: 0, sizeBytes: 4 * elements };
  };
  const plan = copy.plans(problem, device.capabilities)[0]!;
  return { program: copy.program(problem, plan), bindings: { x: place(), y: place() }, values: problem.axes };
}

test('a sample repeats a short Program; a larger one takes longer', async () => {
  const { device, dispose } = await openTestDevice();
  // Samples far longer than any hiccup of a busy machine.
  const options = { samples: 3, minSampleMs: 60, budgetMs: 2000 };
  const [small, large] = await timeInterleaved(
    device,
    [copies(device, 64), copies(device, 2 ** 22)],
    options,
  );
  expect(small!.repeats).toBeGreaterThan(large!.repeats);
  expect(large!.timeMs.p50).toBeGreaterThan(small!.timeMs.p50);
  expect(small!.samples).toBeGreaterThanOrEqual(3);
  expect(small).toMatchObject({ clock: profilerOf(device).available ? 'timestamp' : 'wall', cache: 'warm' });
  dispose();
});

test('with a cold cache every run has a flush in front of it', async () => {
  const { device, dispose } = await openTestDevice();
  const flush = makeFlush(device);
  const { dispatches } = device.counters;
  const options = { samples: 3, minSampleMs: 0.1, budgetMs: 1, cache: 'cold', flush } as const;
  const [timing] = await timeInterleaved(device, [copies(device, 4096)], options);
  expect(timing!.cache).toBe('cold');
  // Two runs to learn how long one takes; then a warm-up and the samples, where every run comes with a flush.
  const { repeats, samples } = timing!;
  expect(device.counters.dispatches - dispatches).toBe(2 + (1 + samples) * repeats * 2);
  dispose();
});

test('without timestamp queries time is wall time, and cold times are refused', async () => {
  const device = await openDevice({ profile: 'floor' });
  const timed = copies(device, 4096);
  const [timing] = await timeInterleaved(device, [timed], { samples: 3, minSampleMs: 0.1 });
  expect(timing).toMatchObject({ clock: 'wall', cache: 'warm' });
  expect(timing!.timeMs.p50).toBeGreaterThan(0);
  await expect(timeInterleaved(device, [timed], { cache: 'cold', flush: timed })).rejects.toThrow(
    '[bench] cold-cache times cannot be measured on this device; a flush runs beside each sample, and only ' +
      'timestamp-query tells the two apart. Fix: measure with a warm cache.',
  );
  device.dispose();
});
