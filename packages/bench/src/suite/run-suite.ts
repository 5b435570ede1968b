import {
  caseProblem,
  checkPlans,
  checkProblem,
  type CheckCase,
  costOf,
  isTilewrightError,
  type KernelCheck,
  type Plan,
  type StorageType,
  type Workload,
} from '@tilewright/kernels';
import { registry } from '@tilewright/kernels/registry';
import type { Device } from '@tilewright/runtime';
import { type Flush, makeFlush, measurePeaks, type Peaks } from '../measure/peaks.ts';
import type { TimingOptions } from '../measure/time-programs.ts';
import { prepareCase } from '../verify/prepare-case.ts';
import { describeEnvironment, type Environment } from './environment.ts';
import { type MeasuredPlan, measurePlans } from './measure-plans.ts';
import type { KernelRow } from './row.ts';

export interface SuiteOptions extends Omit<TimingOptions, 'flush'> {
  /** Only workloads whose `kernel/workload/model` contains this, case ignored. */
  readonly filter?: string;
  /** Default `small` on software adapters, where large ones take minutes each, else `all`. */
  readonly size?: 'small' | 'large' | 'all';
  /** `first`: the Plan the kernel would take by itself; `all`: every one, interleaved. Default `first`. */
  readonly plans?: 'first' | 'all';
  /** Storage of the float tensors; default both, where the kernel has both. */
  readonly dtype?: StorageType;
  readonly seed?: number;
  /** The ceilings, where this process has measured them already. */
  readonly peaks?: Peaks;
  /** Default every kernel there is. */
  readonly checks?: readonly KernelCheck[];
  /** Dawn's options the device was opened with, for the rows. */
  readonly toggles?: readonly string[];
  /** Told what comes next. */
  readonly onProgress?: (line: string) => void;
}

interface Job {
  readonly check: KernelCheck;
  readonly workload: Workload;
  readonly input: CheckCase;
}

/**
 * Checks, then times the workloads of every kernel; `onRow` gets each row as it is done. A row has a time only if its
 * result was right.
 */
export async function runSuite(
  device: Device,
  options: SuiteOptions = {},
  onRow: (row: KernelRow) => void = () => {},
): Promise<readonly KernelRow[]> {
  const jobs = jobsOf(device, options);
  const environment = await describeEnvironment(device, options.toggles);
  options.signal?.throwIfAborted();
  if (jobs.length === 0) return [];
  if (!options.peaks) options.onProgress?.('measuring the peaks of this adapter');
  const peaks = options.peaks ?? (await measurePeaks(device));
  options.signal?.throwIfAborted();
  const flush = options.cache === 'cold' ? makeFlush(device) : undefined;
  const rows: KernelRow[] = [];
  try {
    for (const [index, job] of jobs.entries()) {
      options.signal?.throwIfAborted();
      options.onProgress?.(`${index + 1}/${jobs.length} ${nameOf(job)}`);
      for (const row of await measureJob(device, job, options, flush, peaks, environment)) {
        rows.push(row);
        onRow(row);
      }
    }
  } finally {
    flush?.dispose();
  }
  return rows;
}

function jobsOf(device: Device, options: SuiteOptions): readonly Job[] {
  const size = options.size ?? (device.adapter.software ? 'small' : 'all');
  const filter = options.filter?.toLowerCase() ?? '';
  return (options.checks ?? registry)
    .flatMap((check) =>
      check.workloads.flatMap((workload) =>
        dtypeChoices(check, workload).map((dtypes) => ({ check, workload, input: { ...workload, dtypes } })),
      ),
    )
    .filter((job) => size === 'all' || job.workload.size === size)
    .filter((job) => nameOf(job).toLowerCase().includes(filter))
    .filter((job) => options.dtype === undefined || Object.values(job.input.dtypes).includes(options.dtype));
}

const nameOf = ({ check, workload, input }: Job): string =>
  `${check.kernel.name}/${workload.name}/${workload.model} ${[...new Set(Object.values(input.dtypes ?? {}))].join('+')}`;

/** Storage types to run a workload with; what the workload says itself comes last and wins. */
function dtypeChoices(check: KernelCheck, workload: Workload): readonly Record<string, StorageType>[] {
  const tensors = Object.entries({ ...check.kernel.inputs, ...check.kernel.outputs });
  const floats = tensors.filter(([, { dtype }]) => (dtype ?? 'float') === 'float').map(([name]) => name);
  const choices = (check.dtypes ?? check.kernel.definition.dtypes).map((choice) => ({
    ...(typeof choice === 'string' ? Object.fromEntries(floats.map((name) => [name, choice])) : choice),
    ...workload.dtypes,
  }));
  return [...new Map(choices.map((choice) => [JSON.stringify(choice), choice])).values()];
}

async function measureJob(
  device: Device,
  { check, workload, input }: Job,
  options: SuiteOptions,
  flush: Flush | undefined,
  peaks: Peaks,
  environment: Environment,
): Promise<readonly KernelRow[]> {
  const { kernel } = check;
  const problem = checkProblem(kernel, caseProblem(input));
  const { bytes, flops } = costOf(check, problem);
  const described = {
    kind: 'kernel' as const,
    kernel: kernel.name,
    workload: workload.name,
    model: workload.model,
    size: workload.size,
    axes: { ...problem.axes },
    dtypes: { ...problem.dtypes },
    formats: Object.fromEntries(Object.entries(problem.formats).map(([name, format]) => [name, format.name])),
    options: { ...problem.options },
    slots: Object.fromEntries(Object.entries(problem.slots).map(([slot, { id }]) => [slot, id])),
    bytes,
    flops,
    peaks,
    environment,
  };
  let plans: readonly Plan[];
  try {
    plans = checkPlans(kernel, problem, device.capabilities);
  } catch (error) {
    if (!isTilewrightError(error) || error.code !== 'no-variant') throw error;
    return [
      { ...described, ...untimed, plan: null, planRank: null, status: 'unsupported', message: error.message },
    ];
  }
  const wanted = options.plans === 'all' ? plans : plans.slice(0, 1);
  const prepared = prepareCase(check, input, options.seed);
  const measured = await measurePlans(device, prepared, wanted, { ...options, ...(flush && { flush }) });
  return measured.map((each) => ({ ...described, ...figures(each, bytes, flops, peaks) }));
}

const untimed = {
  error: null,
  allowed: null,
  timeMs: null,
  clock: null,
  cache: null,
  repeats: null,
  samples: null,
  gigabytesPerSecond: null,
  gigaflopsPerSecond: null,
  percentOfCopy: null,
  percentOfFma: null,
} as const;

type Figures = Pick<KernelRow, keyof typeof untimed | 'plan' | 'planRank' | 'status' | 'message'>;

function figures(measured: MeasuredPlan, bytes: number, flops: number, peaks: Peaks): Figures {
  const { plan, rank, status, message, error, allowed, timing } = measured;
  const known = {
    plan: { ...plan },
    planRank: rank,
    status,
    message,
    error: finite(error),
    allowed: finite(allowed),
  };
  if (!timing) return { ...untimed, ...known };
  const seconds = timing.timeMs.p50 / 1e3;
  const gigabytesPerSecond = bytes / seconds / 1e9;
  const gigaflopsPerSecond = flops / seconds / 1e9;
  return {
    ...known,
    ...timing,
    gigabytesPerSecond,
    gigaflopsPerSecond,
    percentOfCopy: (100 * gigabytesPerSecond) / peaks.copyGBps,
    percentOfFma: (100 * gigaflopsPerSecond) / peaks.fmaGFLOPs,
  };
}

/** JSON has no infinity: an error that is not finite is told in words. */
const finite = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null;
