import {
  type CheckCase,
  evaluate,
  f16BitsToF32,
  f32ToF16Bits,
  isBound,
  type KernelCheck,
  type Plan,
  type Problem,
  type Program,
  type Round,
  storageOf,
  type StorageType,
} from '@tilewright/kernels';
import { type BufferSlice, bytesPerElement, decodeTensor, type Device, elementCount } from '@tilewright/runtime';
import { drawInputs, type DrawnTensor } from './draw-inputs.ts';

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

const guardBytes = 256;
const sentinel = 0x7fc0_dead; // a NaN, so that an element nobody wrote cannot pass

/** Runs one case with guard words around every output and compares with the oracle. */
export async function checkCase(
  device: Device,
  check: KernelCheck,
  input: CheckCase,
  options: CheckOptions = {},
): Promise<CheckResult> {
  const { kernel } = check;
  const seed = options.seed ?? 1;
  const problem = kernel.problem(input);
  const plan = options.plan ?? kernel.plans(problem, device.capabilities)[0]!;
  const program = kernel.program(problem, plan);
  const drawn = drawInputs(check, input, problem, seed);
  const wanted = expectedOutputs(check, input, problem, drawn);

  const buffers: GPUBuffer[] = [];
  const place = (sizeBytes: number, label: string): BufferSlice => {
    const words = Math.ceil(sizeBytes / 4) + (2 * guardBytes) / 4;
    const buffer = device.memory.storage(words * 4, label);
    buffers.push(buffer);
    const whole = { buffer, offsetBytes: 0, sizeBytes: words * 4 };
    device.memory.upload(whole, new Uint32Array(words).fill(sentinel));
    return { buffer, offsetBytes: guardBytes, sizeBytes };
  };
  try {
    const bindings: Record<string, BufferSlice> = {};
    for (const { name, role } of program.bindings) {
      const tensor = drawn.get(name);
      if (role === 'scratch') {
        const scratch = program.scratch.find((each) => each.name === name)!;
        bindings[name] = place(evaluate(scratch.sizeBytes, { ...problem.axes, ...input.uniforms }), name);
      } else if (tensor) {
        const bytes = tensor.weight?.bytes ?? encodeTensor(tensor);
        bindings[name] = place(Math.ceil(bytes.byteLength / 4) * 4, name);
        device.memory.upload(bindings[name], bytes);
      } else {
        const { shape, dtype } = outputOf(check, problem, name);
        bindings[name] = place(elementCount(shape) * bytesPerElement(dtype), name);
      }
    }
    const sequence = await device.sequence([{ program, bindings }]);
    sequence.run({ ...problem.axes, ...input.uniforms });
    sequence.dispose();
    return await compare(device, check, input, problem, program, plan, bindings, wanted, seed);
  } finally {
    for (const buffer of buffers) device.memory.free(buffer);
  }
}

interface Expected {
  readonly exact: Float64Array;
  readonly rounded: Float64Array;
}

function expectedOutputs(
  check: KernelCheck,
  input: CheckCase,
  problem: Problem,
  drawn: ReadonlyMap<string, DrawnTensor>,
): Map<string, Expected> {
  const oracle = (round: Round): Readonly<Record<string, Float64Array>> =>
    check.reference({
      axes: problem.axes,
      scalars: problem.scalars,
      uniforms: input.uniforms ?? {},
      options: problem.options,
      inputs: Object.fromEntries([...drawn].map(([name, tensor]) => [name, tensor.exact])),
      slots: Object.fromEntries(Object.entries(problem.slots).map(([slot, filling]) => [slot, filling.reference])),
      round,
    });
  const exact = oracle((value) => value);
  const rounded = oracle(Math.fround);
  return new Map(
    Object.entries(exact).map(([name, values]) => {
      const halves = outputOf(check, problem, name).dtype === 'f16';
      const last = halves ? rounded[name]!.map((value) => f16BitsToF32(f32ToF16Bits(value))) : rounded[name]!;
      return [name, { exact: values, rounded: last }];
    }),
  );
}

async function compare(
  device: Device,
  check: KernelCheck,
  input: CheckCase,
  problem: Problem,
  program: Program,
  plan: Plan,
  bindings: Readonly<Record<string, BufferSlice>>,
  wanted: ReadonlyMap<string, Expected>,
  seed: number,
): Promise<CheckResult> {
  let result: CheckResult = { passed: true, plan, error: 0, allowed: check.floor(input), worst: undefined, message: '' };
  const contents = await Promise.all(program.bindings.map(({ name }) => downloadWhole(device, bindings[name]!)));
  await device.idle();
  for (const [i, { name, role }] of program.bindings.entries()) {
    const slice = bindings[name]!;
    const damage = findDamage(contents[i]!, slice);
    if (damage !== undefined)
      return { ...result, passed: false, message: `${name}: the guard word ${damage} was overwritten` };
    if (role !== 'output' && role !== 'in-out') continue;
    const expected = wanted.get(name);
    if (!expected) return { ...result, passed: false, message: `the oracle gives no '${name}'` };
    const bytes = contents[i]!.slice(guardBytes, guardBytes + slice.sizeBytes);
    const got = decodeTensor(bytes, outputOf(check, problem, name).dtype);
    const largest = expected.exact.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
    const own = largestDifference(expected.rounded, expected.exact).difference / largest;
    const allowed = check.exact?.includes(name) ? 0 : 2 * own + check.floor(input);
    const { difference, index } = largestDifference(got, expected.exact);
    const error = difference / largest;
    const passed = error <= allowed;
    const worst = { tensor: name, index, got: got[index]!, want: expected.exact[index]! };
    const message = passed ? '' : describe(check, input, plan, worst, error, allowed, seed);
    if (!passed) return { passed, plan, error, allowed, worst, message };
    if (error >= result.error) result = { passed, plan, error, allowed, worst, message };
  }
  return result;
}

/** The largest difference and where it is; anything that is not a number counts as infinitely wrong. */
function largestDifference(got: ArrayLike<number>, want: Float64Array): { difference: number; index: number } {
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
  for (let i = 0; i < used; i++) if ((i < guardBytes / 4 || i >= from) && words[i] !== sentinel) return i - guardBytes / 4;
  return undefined;
}

function outputOf(check: KernelCheck, problem: Problem, name: string): { shape: number[]; dtype: StorageType } {
  const sizeOf = (axis: string | number): number => (typeof axis === 'number' ? axis : problem.axes[axis]!);
  const contract = check.kernel.outputs[name];
  if (contract && isBound(contract, problem))
    return { shape: contract.shape.map(sizeOf), dtype: storageOf(contract, problem.dtypes[name]) };
  const [slot, binding] = name.split('.') as [string, string];
  const filled = problem.slots[slot]!.bindings![binding]!;
  const dtype = filled.dtype === 'float' ? (problem.dtypes[name] ?? 'f32') : filled.dtype;
  return { shape: filled.shape.map(sizeOf), dtype };
}

const encodeTensor = ({ data, dtype }: DrawnTensor): ArrayBufferView =>
  dtype === 'f16' ? Uint16Array.from(data, f32ToF16Bits) : data;

export function caseName(input: CheckCase): string {
  const axes = Object.entries(input.axes).map(([name, size]) => `${name} ${size}`);
  const slots = Object.entries(input.slots ?? {}).map(([slot, { id }]) => `${slot}=${id}`);
  const options = Object.entries(input.options ?? {}).map(([name, value]) => `${name}=${value}`);
  return [...(input.name ? [input.name] : []), ...axes, ...options, ...slots].join(', ');
}

function describe(
  check: KernelCheck,
  input: CheckCase,
  plan: Plan,
  worst: Mismatch,
  error: number,
  allowed: number,
  seed: number,
): string {
  return (
    `${check.kernel.name} [${caseName(input)}] plan ${JSON.stringify(plan)}: ${worst.tensor}[${worst.index}] is ` +
    `${worst.got}, want ${worst.want}; error ${error.toExponential(2)}, allowed ${allowed.toExponential(2)}, seed ${seed}`
  );
}
