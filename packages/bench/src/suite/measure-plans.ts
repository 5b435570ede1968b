import {
  type CheckCase,
  checkPlans,
  isTilewrightError,
  type KernelCheck,
  type Plan,
} from '@tilewright/kernels';
import type { BufferSlice, Device } from '@tilewright/runtime';
import {
  type TimedProgram,
  timeInterleaved,
  type Timing,
  type TimingOptions,
} from '../measure/time-programs.ts';
import { checkPlan } from '../verify/check-case.ts';
import { placeCase, type PlacedCase } from '../verify/place-case.ts';
import { prepareCase, type PreparedCase } from '../verify/prepare-case.ts';
import type { RowStatus } from './row.ts';

/** A Plan held against the oracle and, only where it passed, timed. */
export interface MeasuredPlan {
  readonly plan: Plan;
  /** Place in the kernel's own order of preference, from 0. */
  readonly rank: number;
  readonly status: Exclude<RowStatus, 'unsupported'>;
  readonly message: string;
  readonly error: number | undefined;
  readonly allowed: number | undefined;
  readonly timing: Timing | undefined;
}

export interface TuneOptions extends TimingOptions {
  /** Which Plans; default all the kernel offers on this device. */
  readonly plans?: readonly Plan[];
  readonly seed?: number;
}

/**
 * Checks every Plan of a kernel on a workload against the oracle, times the right ones in turns, and returns them from
 * the fastest to the slowest; wrong and failed ones last, without a time.
 */
export async function tune(
  device: Device,
  check: KernelCheck,
  workload: CheckCase,
  options: TuneOptions = {},
): Promise<readonly MeasuredPlan[]> {
  const prepared = prepareCase(check, workload, options.seed);
  const plans = options.plans ?? checkPlans(check.kernel, prepared.problem, device.capabilities);
  const measured = await measurePlans(device, prepared, plans, options);
  const timeOf = ({ timing }: MeasuredPlan): number => timing?.timeMs.p50 ?? Infinity;
  return [...measured].sort((a, b) => (timeOf(a) === timeOf(b) ? a.rank - b.rank : timeOf(a) - timeOf(b)));
}

/** The same in the order of `plans`, for a case that is prepared already. */
export async function measurePlans(
  device: Device,
  prepared: PreparedCase,
  plans: readonly Plan[],
  options: TimingOptions = {},
): Promise<readonly MeasuredPlan[]> {
  const checked: MeasuredPlan[] = [];
  for (const [rank, plan] of plans.entries()) {
    options.signal?.throwIfAborted();
    checked.push(await verdict(device, prepared, plan, rank));
  }
  const passed = checked.filter(({ status }) => status === 'passed');
  const timings = await timePassed(device, prepared, passed, options);
  return checked.map((each) => ({ ...each, timing: timings.get(each) }));
}

async function verdict(
  device: Device,
  prepared: PreparedCase,
  plan: Plan,
  rank: number,
): Promise<MeasuredPlan> {
  try {
    const { passed, error, allowed, message } = await checkPlan(device, prepared, plan);
    return { plan, rank, status: passed ? 'passed' : 'wrong', message, error, allowed, timing: undefined };
  } catch (error) {
    if (!isTilewrightError(error) || error.code === 'device-lost') throw error;
    return {
      plan,
      rank,
      status: 'failed',
      message: error.message,
      error: undefined,
      allowed: undefined,
      timing: undefined,
    };
  }
}

async function timePassed(
  device: Device,
  prepared: PreparedCase,
  passed: readonly MeasuredPlan[],
  options: TimingOptions,
): Promise<ReadonlyMap<MeasuredPlan, Timing>> {
  const { check, input, problem } = prepared;
  const placed: PlacedCase[] = [];
  try {
    // Inputs and outputs are shared by all Plans: weights may be large, and warm caches should be warm for everyone.
    const shared: Record<string, BufferSlice> = {};
    const programs = passed.map(({ plan }): TimedProgram => {
      const program = check.kernel.program(problem, plan);
      const each = placeCase(device, prepared, program, shared);
      placed.push(each);
      Object.assign(shared, each.bindings);
      return { program, bindings: each.bindings, values: { ...problem.axes, ...input.uniforms } };
    });
    const timings = await timeInterleaved(device, programs, options);
    return new Map(passed.map((each, i) => [each, timings[i]!]));
  } finally {
    for (const each of placed) each.dispose();
  }
}
