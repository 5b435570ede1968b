import {
  caseProblem,
  checkProblem,
  type CheckCase,
  f16BitsToF32,
  f32ToStoredF16Bits,
  isBound,
  type KernelCheck,
  type Problem,
  type Round,
  shapeOf,
  storageOf,
  type StorageType,
} from '@tilewright/kernels';
import { drawInputs, type DrawnTensor } from './draw-inputs.ts';

/** What an output must be: exactly, and as f32 arithmetic would give it. */
export interface Expected {
  readonly exact: Float64Array;
  readonly rounded: Float64Array;
}

/** A case with its inputs drawn and its answers computed, once for all the Plans that are held against it. */
export interface PreparedCase {
  readonly check: KernelCheck;
  readonly input: CheckCase;
  readonly problem: Problem;
  readonly seed: number;
  readonly drawn: ReadonlyMap<string, DrawnTensor>;
  readonly expected: ReadonlyMap<string, Expected>;
  /** What is allowed beyond twice the rounded oracle's own error. */
  readonly floor: number;
}

export function prepareCase(check: KernelCheck, input: CheckCase, seed = 1): PreparedCase {
  const problem = checkProblem(check.kernel, caseProblem(input));
  const drawn = drawInputs(check, input, problem, seed);
  const expected = answersOf(check, input, problem, drawn);
  return { check, input, problem, seed, drawn, expected, floor: input.floor ?? check.floor(input) };
}

/** What the oracle says of drawn inputs. */
export function answersOf(
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
      slots: Object.fromEntries(
        Object.entries(problem.slots).map(([slot, filling]) => [slot, filling.reference]),
      ),
      round,
    });
  const exact = oracle((value) => value);
  const rounded = oracle(Math.fround);
  return new Map(
    Object.entries(exact).map(([name, values]) => {
      const halves = outputOf(check, problem, name).dtype === 'f16';
      const last = halves
        ? rounded[name]!.map((value) => f16BitsToF32(f32ToStoredF16Bits(value)))
        : rounded[name]!;
      return [name, { exact: values, rounded: last }];
    }),
  );
}

/** Shape and storage type of an output, the kernel's own or a filling's. */
export function outputOf(
  check: KernelCheck,
  problem: Problem,
  name: string,
): { shape: number[]; dtype: StorageType } {
  const sizeOf = (axis: string | number): number => (typeof axis === 'number' ? axis : problem.axes[axis]!);
  const contract = check.kernel.outputs[name];
  if (contract && isBound(contract, problem))
    return {
      shape: shapeOf(contract, problem.options).map(sizeOf),
      dtype: storageOf(contract, problem.dtypes[name]),
    };
  const [slot, binding] = name.split('.') as [string, string];
  const filled = problem.slots[slot]!.bindings![binding]!;
  const dtype = filled.dtype === 'float' ? (problem.dtypes[name] ?? 'f32') : filled.dtype;
  return { shape: filled.shape.map(sizeOf), dtype };
}
