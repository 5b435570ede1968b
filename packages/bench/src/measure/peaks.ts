import {
  caseProblem,
  checkPlans,
  checkProblem,
  type Kernel,
  type Plan,
  type Problem,
  type ProblemInput,
} from '@tilewright/kernels';
import type { BufferSlice, Device } from '@tilewright/runtime';
import { copy, copyBytes, fma, fmaFlops } from './peak-kernels.ts';
import { type TimedProgram, timeInterleaved } from './time-programs.ts';

/** What this adapter reached in this run with kernels that do nothing else. */
export interface Peaks {
  /** Reading and writing, counted both ways, 10⁹ bytes per second. */
  readonly copyGBps: number;
  /** f32 multiply-adds on registers, each counted as two, 10⁹ per second. */
  readonly fmaGFLOPs: number;
}

/** A copy larger than any cache: it measures bandwidth, and it flushes. */
export interface Flush extends TimedProgram {
  dispose(): void;
}

export function makeFlush(device: Device): Flush {
  // Caches on CPUs and GPUs reach tens of megabytes; both buffers together hold twice this.
  const { programs, dispose } = place(device, copy, { axes: { elements: elementsOf(device, 32, 128) } });
  return { ...programs[0]!, dispose };
}

export async function measurePeaks(device: Device): Promise<Peaks> {
  const copied = { axes: { elements: elementsOf(device, 64, 256) } };
  const copyGBps = await best(device, copy, copied, copyBytes);
  const multiplied = {
    axes: {
      invocations: device.adapter.software ? 2 ** 14 : 2 ** 20,
      steps: device.adapter.software ? 1024 : 4096,
      terms: 4,
    },
  };
  const fmaGFLOPs = await best(device, fma, multiplied, fmaFlops);
  return { copyGBps, fmaGFLOPs };
}

/** f32 elements of that many MiB, or of as many as the device can bind. */
function elementsOf(device: Device, softwareMiB: number, gpuMiB: number): number {
  const { maxStorageBufferBindingSize, maxBufferSize } = device.capabilities.limits;
  const wanted = (device.adapter.software ? softwareMiB : gpuMiB) * 2 ** 20;
  return Math.floor(Math.min(wanted, maxStorageBufferBindingSize, maxBufferSize) / 16) * 4;
}

/** The highest rate among the Plans of a peak kernel, in 10⁹ units per second. */
async function best(
  device: Device,
  kernel: Kernel,
  input: ProblemInput,
  work: (problem: Problem, plan: Plan) => number,
): Promise<number> {
  const { programs, problem, dispose } = place(device, kernel, input);
  try {
    const timings = await timeInterleaved(device, programs, { samples: 7, minSampleMs: 5, budgetMs: 1000 });
    return Math.max(
      ...timings.map(({ timeMs }, i) => work(problem, programs[i]!.program.plan) / (timeMs.p20 * 1e6)),
    );
  } finally {
    dispose();
  }
}

function place(
  device: Device,
  kernel: Kernel,
  input: ProblemInput,
): { readonly programs: readonly TimedProgram[]; readonly problem: Problem; dispose(): void } {
  const problem = checkProblem(kernel, caseProblem(input));
  const buffers: GPUBuffer[] = [];
  const bindings: Record<string, BufferSlice> = {};
  for (const [name, { shape }] of Object.entries({ ...kernel.inputs, ...kernel.outputs })) {
    const sizeBytes = 4 * shape.reduce((product, axis) => product * problem.axes[axis]!, 1);
    const buffer = device.memory.storage(sizeBytes, `${kernel.name} ${name}`);
    buffers.push(buffer);
    bindings[name] = { buffer, offsetBytes: 0, sizeBytes };
  }
  // Keeps the chains of multiply-adds away from zero, infinity and subnormal numbers.
  device.memory.upload(bindings.x!, Float32Array.of(0.999, 0.999, 0.999, 0.999));
  const programs = checkPlans(kernel, problem, device.capabilities).map((plan) => ({
    program: kernel.program(problem, plan),
    bindings,
    values: problem.axes,
  }));
  return {
    programs,
    problem,
    dispose() {
      for (const buffer of buffers) device.memory.free(buffer);
    },
  };
}
