import { checkProblem, type Kernel, type KernelCheck, type Plan, type Problem } from '@tilewright/kernels';
import type { Device } from '@tilewright/runtime';
import { largestDifference } from '../verify/check-case.ts';
import type { CaseData, OurWay } from './matched-case.ts';
import { makeResident, problemOf, type ResidentKernel } from './resident.ts';

/** One Plan of one of our kernels, right on this case and ready to run. */
export interface Candidate {
  readonly way: OurWay;
  readonly plan: Plan;
  readonly planRank: number;
  readonly error: number;
  readonly resident: ResidentKernel;
}

export interface Candidates {
  readonly right: readonly Candidate[];
  /** One line for each that is not. */
  readonly wrong: readonly string[];
}

/** max |got - want| / max |want|; infinite where anything is not a number. */
export function relativeError(got: Float32Array, exact: Float64Array): number {
  const largest = exact.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  return largestDifference(got, exact).difference / largest;
}

/** Makes every way of ours to do the case, in every Plan, and keeps those whose error is at most `allowed` of the way. */
export async function makeCandidates(
  device: Device,
  { ways, exact }: CaseData,
  find: (kernel: string) => KernelCheck | undefined,
  allowed: (way: OurWay) => number,
): Promise<Candidates> {
  const right: Candidate[] = [];
  const wrong: string[] = [];
  for (const way of ways) {
    const kernel = find(way.kernel)?.kernel;
    if (!kernel || !offers(kernel, way)) continue;
    for (const [planRank, plan] of plansOf(device, kernel, way).entries()) {
      const resident = await makeResident(device, kernel, way, plan);
      const error = relativeError(await resident.run(), exact);
      if (error <= allowed(way)) {
        right.push({ way, plan, planRank, error, resident });
        continue;
      }
      resident.dispose();
      wrong.push(`${kernel.name} ${JSON.stringify(plan)}: error ${error.toExponential(1)}`);
    }
  }
  return { right, wrong };
}

/** Whether the kernel knows the options a way asks for. */
const offers = (kernel: Kernel, way: OurWay): boolean =>
  Object.entries(way.options ?? {}).every(([name, value]) => {
    const allowed = kernel.definition.options?.[name];
    return allowed !== undefined && (allowed.length === 1 || allowed.includes(value));
  });

const plansOf = (device: Device, kernel: Kernel, way: OurWay): readonly Plan[] =>
  kernel.plans(completeProblem(kernel, way), device.capabilities);

function completeProblem(kernel: Kernel, way: OurWay): Problem {
  const axes: Record<string, number> = { ...way.axes };
  const tensors = { ...way.inputs, ...way.weights };
  for (const [name, tensor] of Object.entries(tensors))
    kernel.inputs[name]!.shape.forEach((axis, i) => (axes[axis] ??= tensor.shape[i]!));
  const formats = Object.fromEntries(
    Object.entries(way.weights).flatMap(([name, weight]) =>
      'format' in weight ? [[name, weight.format]] : [],
    ),
  );
  return checkProblem(kernel, { ...problemOf(way), axes, formats });
}
