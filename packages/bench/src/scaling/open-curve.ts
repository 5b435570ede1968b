import { checkPlans, type Plan } from '@tilewright/kernels';
import {
  bindKernel,
  type BoundKernel,
  type Device,
  kernelProblem,
  profilerOf,
  type Tensor,
} from '@tilewright/runtime';
import type { CurveAt, Stage } from './curve.ts';

/** A curve at one length, every kernel bound in its fastest Plan, or in its first. */
export interface OpenedCurve {
  readonly plans: readonly { readonly kernel: string; readonly plan: Plan }[];
  /** Counted by the device. */
  readonly movedBytes: number;
  readonly dispatches: number;
  readonly allocatedBytes: number;
  /** The last kernel's output. */
  result(): Promise<Float32Array>;
  /** Milliseconds of one run, the mean of `repeats`: GPU time where the device has a clock for it. */
  time(repeats: number): Promise<number>;
  dispose(): void;
}

interface Held {
  dispose(): void;
}

/** Places the tensors and chooses the Plans. What is thrown leaves nothing behind. */
export async function openCurve(
  device: Device,
  curve: CurveAt,
  wanted: 'first' | 'all',
  signal?: AbortSignal,
): Promise<OpenedCurve> {
  const { counters } = device;
  const held: Held[] = [];
  const keep = <T extends Held>(each: T): T => {
    held.push(each);
    return each;
  };
  const dispose = (): void => {
    for (const each of held.splice(0)) each.dispose();
  };
  const bytesBefore = counters.bytesAlive;
  try {
    const stages = curve.stages((shape, data) => keep(device.tensor(shape, data)));
    const made: Record<string, Tensor> = {};
    const bound: BoundKernel[] = [];
    for (const stage of stages) {
      const fastest = await bindFastest(device, stage, made, keep, wanted, signal);
      made[stage.output] = fastest.outputs[firstOutput(stage)]!;
      bound.push(keep(fastest));
    }
    const run = (): void => {
      for (const each of bound) each.run();
    };
    const allocatedBytes = counters.bytesAlive - bytesBefore;
    const before = { ...counters };
    run();
    await device.idle();
    const last = made[stages.at(-1)!.output]!;
    return {
      plans: bound.map(({ plan }, i) => ({ kernel: stages[i]!.kernel.name, plan: { ...plan } })),
      movedBytes: counters.movedBytes - before.movedBytes,
      dispatches: counters.dispatches - before.dispatches,
      allocatedBytes,
      result: async () => {
        run();
        return (await last.read()) as Float32Array;
      },
      time: (repeats) => timeRuns(device, run, repeats),
      dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

const firstOutput = ({ kernel }: Stage): string => Object.keys(kernel.outputs)[0]!;

/** Rounds of a kernel's Plans against each other; those far behind drop out on the way. */
const planRounds = 4;

async function bindFastest(
  device: Device,
  stage: Stage,
  made: Readonly<Record<string, Tensor>>,
  keep: <T extends Held>(each: T) => T,
  wanted: 'first' | 'all',
  signal: AbortSignal | undefined,
): Promise<BoundKernel> {
  const { kernel, inputs, axes, scalars, options, slots } = stage;
  const call = {
    inputs: inputs(made),
    ...(axes && { axes }),
    ...(scalars && { scalars }),
    ...(options && { options }),
    ...(slots && { slots }),
  };
  let outputs: Readonly<Record<string, Tensor>> | undefined;
  let left: { readonly bound: BoundKernel; bestMs: number }[] = [];
  try {
    const plans = checkPlans(kernel, kernelProblem(kernel, call), device.capabilities);
    for (const plan of wanted === 'all' ? plans : plans.slice(0, 1)) {
      signal?.throwIfAborted();
      const bound = await bindKernel(device, kernel, { ...call, plan, ...(outputs && { outputs }) });
      outputs ??= keepAll(bound.outputs, keep);
      left.push({ bound, bestMs: Infinity });
    }
    for (let round = 0; round < planRounds && left.length > 1; round++) {
      for (const each of left) {
        signal?.throwIfAborted();
        each.bestMs = Math.min(each.bestMs, await timeRuns(device, () => each.bound.run(), 1));
      }
      const limitMs = (round === 0 ? 3 : 1.5) * Math.min(...left.map(({ bestMs }) => bestMs));
      for (const { bound, bestMs } of left) if (bestMs > limitMs) bound.dispose();
      left = left.filter(({ bestMs }) => bestMs <= limitMs);
    }
    const [fastest, ...others] = [...left].sort((a, b) => a.bestMs - b.bestMs);
    for (const { bound } of others) bound.dispose();
    return fastest!.bound;
  } catch (error) {
    for (const { bound } of left) bound.dispose();
    throw error;
  }
}

function keepAll(
  outputs: Readonly<Record<string, Tensor>>,
  keep: <T extends Held>(each: T) => T,
): Readonly<Record<string, Tensor>> {
  Object.values(outputs).forEach(keep);
  return outputs;
}

async function timeRuns(device: Device, run: () => void, repeats: number): Promise<number> {
  const all = (): void => {
    for (let i = 0; i < repeats; i++) run();
  };
  if (profilerOf(device).available) {
    const entries = await profilerOf(device).record(all, 'run');
    return entries.reduce((sum, { timeMs }) => sum + timeMs, 0) / repeats;
  }
  const start = performance.now();
  all();
  await device.idle();
  return (performance.now() - start) / repeats;
}
