import { TilewrightError } from '@tilewright/kernels';
import { llama } from '@tilewright/models';
import { defaultDawnOptions, type Device, openDevice } from '@tilewright/runtime';
import { median, percentiles } from '../measure/statistics.ts';
import { describeEnvironment } from '../suite/environment.ts';
import { openBareLoop } from './bare-loop.ts';
import { capacity, openDecodeStep } from './decode-step.ts';
import type { HostRow } from './row.ts';

export interface HostOptions {
  /** Layers of the model; default 32. */
  readonly layers?: number;
  /** Samples of each, in turns; default 31. */
  readonly samples?: number;
  /** Steps of a sample; default 20. */
  readonly repeats?: number;
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * What a step of an executable costs the host, on Dawn's null backend, where dispatches do nothing: beside a loop that
 * encodes the same dispatches with nothing else around it, in turns in one process. Throws `missing-dependency` without Dawn.
 */
export async function measureHost(options: HostOptions, onRow: (row: HostRow) => void): Promise<void> {
  const toggles = [...defaultDawnOptions, 'backend=null'];
  const device = await openDevice({ dawnOptions: toggles });
  try {
    onRow(await measured(device, toggles, options));
  } finally {
    device.dispose();
  }
}

async function measured(
  device: Device,
  toggles: readonly string[],
  { layers = 32, samples = 31, repeats = 20, onProgress, signal }: HostOptions,
): Promise<HostRow> {
  onProgress?.(`host: a decode of ${layers} layers on Dawn's null backend`);
  const step = await openDecodeStep(device, layers);
  const loop = openBareLoop(device.gpu, step.compiled);
  let position = 0;
  const nextStep = (): void => {
    step.run(position);
    position = (position + 1) % capacity;
  };
  const sample = async (act: () => void): Promise<number> => {
    const start = performance.now();
    for (let i = 0; i < repeats; i++) act();
    const elapsed = performance.now() - start;
    // What was submitted is worked off outside of the time.
    await device.idle();
    return elapsed / repeats;
  };
  try {
    const before = device.counters.dispatches;
    nextStep();
    const dispatches = device.counters.dispatches - before;
    if (dispatches !== loop.dispatches)
      throw new TilewrightError('invariant', {
        subject: 'bench --host',
        problem: `a step has ${dispatches} dispatches and the loop ${loop.dispatches}`,
      });
    // Until the engine has compiled both.
    for (let i = 0; i < 5; i++) {
      await sample(nextStep);
      await sample(loop.run);
    }
    const [stepMs, loopMs]: [number[], number[]] = [[], []];
    for (let i = 0; i < samples; i++) {
      signal?.throwIfAborted();
      // Each comes first as often as the other.
      const turns = [
        async () => void stepMs.push(await sample(nextStep)),
        async () => void loopMs.push(await sample(loop.run)),
      ];
      for (const turn of i % 2 === 0 ? turns : turns.toReversed()) await turn();
    }
    return {
      kind: 'host',
      model: llama.id,
      layers,
      status: 'passed',
      dispatches,
      loopDispatches: loop.dispatches,
      stepMs: percentiles(stepMs),
      loopMs: percentiles(loopMs),
      ratio: median(stepMs.map((time, i) => time / loopMs[i]!)),
      samples,
      environment: await describeEnvironment(device, toggles),
    };
  } finally {
    loop.dispose();
    step.dispose();
  }
}
