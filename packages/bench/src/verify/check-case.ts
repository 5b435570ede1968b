import {
  type CheckCase,
  checkPlans,
  type Distance,
  type KernelCheck,
  type Plan,
  type Program,
} from '@tilewright/kernels';
import { type BufferSlice, decodeTensor, type Device, elementCount } from '@tilewright/runtime';
import { encodeTensor, guardBytes, placeCase, sentinel } from './place-case.ts';
import { outputOf, prepareCase, type PreparedCase } from './prepare-case.ts';
import { type RowPlaces, rowPlaces } from './row-places.ts';

/** The worst element of a comparison. */
export interface Mismatch {
  readonly tensor: string;
  readonly index: number;
  readonly got: number;
  readonly want: number;
}

export interface CheckResult {
  readonly passed: boolean;
  readonly plan: Plan;
  /** max |got - want| / max |want|, `want` in f64. */
  readonly error: number;
  /** Twice the rounded oracle's own error, plus the check's floor. */
  readonly allowed: number;
  readonly worst: Mismatch | undefined;
  /** What went wrong, in one paragraph; empty when passed. */
  readonly message: string;
}

export interface CheckOptions {
  readonly seed?: number;
  readonly plan?: Plan;
}

/** Runs one case with guard words around every output and compares with the oracle. */
export async function checkCase(
  device: Device,
  check: KernelCheck,
  input: CheckCase,
  options: CheckOptions = {},
): Promise<CheckResult> {
  const prepared = prepareCase(check, input, options.seed);
  return checkPlan(
    device,
    prepared,
    options.plan ?? checkPlans(check.kernel, prepared.problem, device.capabilities)[0]!,
  );
}

/** Holds one Plan against a prepared case. */
export const checkPlan = (device: Device, prepared: PreparedCase, plan: Plan): Promise<CheckResult> =>
  checkProgram(device, prepared, prepared.check.kernel.program(prepared.problem, plan));

/** Holds a Program against a prepared case: one of the kernel's, or what a test has changed of it. */
export async function checkProgram(
  device: Device,
  prepared: PreparedCase,
  program: Program,
): Promise<CheckResult> {
  const placed = placeCase(device, prepared, program);
  try {
    await runPlaced(device, prepared, program, placed.bindings);
    return await compare(device, prepared, program, placed.bindings);
  } finally {
    placed.dispose();
  }
}

/** Runs a Program once, over buffers that hold the case. */
export async function runPlaced(
  device: Device,
  { problem, input }: PreparedCase,
  program: Program,
  bindings: Readonly<Record<string, BufferSlice>>,
): Promise<void> {
  const sizes = { ...problem.axes, ...input.uniforms };
  const sequence = await device.sequence([{ program, bindings, sizes }]);
  sequence.run({});
  sequence.dispose();
}

async function compare(
  device: Device,
  prepared: PreparedCase,
  program: Program,
  bindings: Readonly<Record<string, BufferSlice>>,
): Promise<CheckResult> {
  const { check, input, problem, expected, floor } = prepared;
  const { plan } = program;
  let result: CheckResult = {
    passed: true,
    plan,
    error: 0,
    allowed: floor,
    worst: undefined,
    message: '',
  };
  const contents = await Promise.all(
    program.bindings.map(({ name }) => downloadWhole(device, bindings[name]!)),
  );
  await device.idle();
  for (const [i, { name, role }] of program.bindings.entries()) {
    const slice = bindings[name]!;
    const damage = findDamage(contents[i]!, slice);
    if (damage !== undefined)
      return { ...result, passed: false, message: `${name}: the guard word ${damage} was overwritten` };
    if (role !== 'output' && role !== 'in-out') continue;
    const wanted = expected.get(name);
    if (!wanted) return { ...result, passed: false, message: `the oracle gives no '${name}'` };
    const bytes = contents[i]!.slice(guardBytes, guardBytes + slice.sizeBytes);
    const { shape, dtype } = outputOf(check, problem, name);
    const whole = decodeTensor(bytes, dtype);
    const places = rowPlaces(check, input, problem, name, elementCount(shape));
    const got = places ? Float64Array.from(wanted.exact, (_, i) => whole[places.placeOf(i)]!) : whole;
    const torn = places && findTorn(bytes, before(prepared, name, slice), places, wanted.exact.length);
    if (torn !== undefined)
      return {
        ...result,
        passed: false,
        message: `${name}: element ${torn}, between its rows, was overwritten`,
      };
    const largest = wanted.exact.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
    const own = largestDifference(wanted.rounded, wanted.exact).difference / largest;
    const allowed = check.exact?.includes(name) ? 0 : 2 * own + floor;
    const { difference, index } = largestDifference(got, wanted.exact);
    const error = difference / largest;
    const passed = error <= allowed;
    const worst = { tensor: name, index, got: got[index]!, want: wanted.exact[index]! };
    const message = passed ? '' : describe(prepared, plan, worst, error, allowed);
    if (!passed) return { passed, plan, error, allowed, worst, message };
    if (error >= result.error) result = { passed, plan, error, allowed, worst, message };
  }
  return result;
}

/** The largest difference and where it is; anything that is not a number counts as infinitely wrong. */
export function largestDifference(
  got: ArrayLike<number>,
  want: Float64Array,
): { difference: number; index: number } {
  let difference = 0;
  let index = 0;
  if (got.length !== want.length) return { difference: Infinity, index: Math.min(got.length, want.length) };
  for (let i = 0; i < want.length; i++) {
    const each = got[i] === want[i] ? 0 : Math.abs(got[i]! - want[i]!);
    if (each <= difference) continue;
    difference = Number.isNaN(each) ? Infinity : each;
    index = i;
    if (difference === Infinity) break;
  }
  return { difference, index };
}

const downloadWhole = (device: Device, { buffer }: BufferSlice): Promise<Uint8Array> =>
  device.memory.download({ buffer, offsetBytes: 0, sizeBytes: buffer.size });

/** The word, counted from the tensor's start, in which something wrote outside the tensor. */
function findDamage(bytes: Uint8Array, slice: BufferSlice): number | undefined {
  const words = new Uint32Array(bytes.buffer);
  const from = guardBytes / 4 + Math.ceil(slice.sizeBytes / 4);
  const used = from + guardBytes / 4;
  for (let i = 0; i < used; i++)
    if ((i < guardBytes / 4 || i >= from) && words[i] !== sentinel) return i - guardBytes / 4;
  return undefined;
}

/** What an output's bytes were before the run. */
function before({ drawn }: PreparedCase, name: string, { sizeBytes }: BufferSlice): Uint8Array {
  const tensor = drawn.get(name);
  if (!tensor) return new Uint8Array(new Uint32Array(Math.ceil(sizeBytes / 4)).fill(sentinel).buffer);
  const { buffer, byteOffset, byteLength } = encodeTensor(tensor);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The first element that belongs to no row and changed. */
function findTorn(
  bytes: Uint8Array,
  earlier: Uint8Array,
  { elements, placeOf }: RowPlaces,
  count: number,
): number | undefined {
  const size = bytes.length / elements;
  const ours = new Set(Array.from({ length: count }, (_, i) => placeOf(i)));
  const changed = Array.from({ length: elements }, (_, at) => at).find(
    (at) =>
      !ours.has(at) &&
      bytes.subarray(at * size, (at + 1) * size).some((byte, i) => byte !== earlier[at * size + i]),
  );
  return changed;
}

export function caseName(input: CheckCase): string {
  const axes = Object.entries(input.axes).map(([name, size]) => `${name} ${size}`);
  const slots = Object.entries(input.slots ?? {}).map(([slot, { id }]) => `${slot}=${id}`);
  const options = Object.entries(input.options ?? {}).map(([name, value]) => `${name}=${value}`);
  const distance = (value: Distance): string =>
    typeof value === 'number' ? String(value) : `multiples of ${value.multipleOf}`;
  const views = Object.entries(input.views ?? {}).map(([name, { stride, offset, inner = [] }]) => {
    const digits = inner.map((digit) => `, ${distance(digit.size)} by ${distance(digit.stride)}`).join('');
    return `rows of ${name} ${distance(stride)} apart from ${distance(offset)}${digits}`;
  });
  return [...(input.name ? [input.name] : []), ...axes, ...options, ...slots, ...views].join(', ');
}

function describe(
  prepared: PreparedCase,
  plan: Plan,
  worst: Mismatch,
  error: number,
  allowed: number,
): string {
  const { check, input, seed } = prepared;
  return (
    `${check.kernel.name} [${caseName(input)}] plan ${JSON.stringify(plan)}: ${worst.tensor}[${worst.index}] is ` +
    `${worst.got}, want ${worst.want}; error ${error.toExponential(2)}, allowed ${allowed.toExponential(2)}, seed ${seed}`
  );
}
