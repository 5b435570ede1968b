import {
  type CheckCase,
  type CheckInputs,
  f16BitsToF32,
  f32ToStoredF16Bits,
  type HostTensor,
  isBound,
  isInOut,
  type KernelCheck,
  normalStream,
  type Problem,
  shapeOf,
  randomStream,
  storageOf,
  type StorageType,
} from '@tilewright/kernels';
import { unpack } from '@tilewright/kernels/weights';
import { dense } from '@tilewright/kernels/weights/dense';
import { randomWeight, weightCodecs } from '@tilewright/kernels/weights/registry';
import { rowPlaces } from './row-places.ts';

/** One tensor of a case: what goes to the GPU, and the same numbers as the oracle sees them. */
export interface DrawnTensor {
  readonly shape: readonly number[];
  readonly dtype: StorageType;
  readonly data: Float32Array | Uint32Array | Int32Array;
  readonly weight?: HostTensor;
  readonly exact: Float64Array;
  /** What is bound where rows lie apart: these numbers in their places, and NaN between them. */
  readonly root?: Float32Array | Uint32Array | Int32Array;
}

interface Wanted {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: StorageType;
  readonly weight: boolean;
}

/** Draws every input of a case from seeded streams, rounded to what its storage can hold. */
export function drawInputs(
  check: KernelCheck,
  input: CheckCase,
  problem: Problem,
  seed: number,
): Map<string, DrawnTensor> {
  const random = randomStream(seed);
  const given: CheckInputs = { ...check.inputs?.(input, random), ...input.inputs?.(input, random) };
  const drawn = new Map<string, DrawnTensor>();
  wantedInputs(check, problem).forEach(({ name, shape, dtype, weight }, index) => {
    const count = shape.reduce((product, size) => product * size, 1);
    const normal = normalStream(seed * 1009 + index + 1);
    if (weight) {
      const tensor = randomWeight(problem.formats[name] ?? dense('f32'), shape, normal);
      drawn.set(name, {
        shape,
        dtype,
        data: new Uint32Array(0),
        weight: tensor,
        exact: Float64Array.from(unpack(tensor, weightCodecs)),
      });
      return;
    }
    const scale = input.scale?.[name] ?? 1;
    const raw = given[name] ?? Float32Array.from({ length: count }, () => normal() * scale);
    const data =
      dtype === 'f16' ? Float32Array.from(raw, (value) => f16BitsToF32(f32ToStoredF16Bits(value))) : raw;
    const places = rowPlaces(check, input, problem, name, count);
    if (!places) {
      drawn.set(name, { shape, dtype, data, exact: Float64Array.from(data) });
      return;
    }
    const root =
      data instanceof Int32Array
        ? new Int32Array(places.elements).fill(-559038737)
        : data instanceof Uint32Array
          ? new Uint32Array(places.elements).fill(0xdeadbeef)
          : new Float32Array(places.elements).fill(NaN);
    data.forEach((value, i) => (root[places.placeOf(i)] = value));
    // Rows that overlap hold what was written last.
    const exact = Float64Array.from({ length: count }, (_, i) => root[places.placeOf(i)]!);
    drawn.set(name, { shape, dtype, data, exact, root });
  });
  return drawn;
}

function wantedInputs(check: KernelCheck, problem: Problem): Wanted[] {
  const { kernel } = check;
  const omitted = new Set(Object.values(problem.slots).flatMap((filling) => filling.omits ?? []));
  const sizeOf = (axis: string | number): number => (typeof axis === 'number' ? axis : problem.axes[axis]!);
  const wanted: Wanted[] = [];
  const inOut = Object.entries(kernel.outputs).filter(([, tensor]) => isInOut(tensor, problem));
  for (const [name, tensor] of [...Object.entries(kernel.inputs), ...inOut]) {
    if (omitted.has(name) || !isBound(tensor, problem)) continue;
    const dtype = storageOf(tensor, problem.dtypes[name]);
    wanted.push({
      name,
      shape: shapeOf(tensor, problem.options).map(sizeOf),
      dtype,
      weight: tensor.dtype === 'weight',
    });
  }
  for (const [slot, filling] of Object.entries(problem.slots))
    for (const [binding, each] of Object.entries(filling.bindings ?? {})) {
      if (each.role === 'output') continue;
      const name = `${slot}.${binding}`;
      const dtype = each.dtype === 'float' ? (problem.dtypes[name] ?? 'f32') : each.dtype;
      wanted.push({ name, shape: each.shape.map(sizeOf), dtype, weight: false });
    }
  return wanted;
}
