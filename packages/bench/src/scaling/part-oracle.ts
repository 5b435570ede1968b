// What a kernel gives, held against its oracle in some heads or channels alone: all of them would take longer than what is measured.
import { type Problem, type Round, shapeOf } from '@tilewright/kernels';
import type { DrawnCase } from './draw-case.ts';

/** Places along axes that do not mix: the rest of a result does not depend on what is left out. */
export type Sample = Readonly<Record<string, readonly number[]>>;

export interface Judgement {
  /** max |got - want| / max |want|; infinite where anything is not a number. */
  readonly error: number;
  /** Twice the rounded oracle's own error, plus the check's floor. */
  readonly allowed: number;
}

/** Holds the first output of a case against the oracle, in what `sample` names. */
export function judgePart(drawn: DrawnCase, sample: Sample, got: ArrayLike<number>): Judgement {
  const { check, input, problem, tensors } = drawn;
  const axes = Object.fromEntries(
    Object.entries(problem.axes).map(([axis, size]) => [axis, sample[axis]?.length ?? size]),
  );
  const part = (shape: readonly (string | number)[], data: ArrayLike<number>): Float64Array =>
    cut(shape, problem.axes, sample, data);
  const inputs = Object.fromEntries(
    tensors.map(({ name, exact }) => [name, part(shapeNames(drawn, name), exact)]),
  );
  const [name, output] = Object.entries(check.kernel.outputs)[0]!;
  const oracle = (round: Round): Float64Array =>
    check.reference({
      axes,
      scalars: problem.scalars,
      uniforms: {},
      options: problem.options,
      inputs,
      slots: Object.fromEntries(
        Object.entries(problem.slots).map(([slot, filling]) => [slot, filling.reference]),
      ),
      round,
    })[name]!;
  const want = oracle((value) => value);
  const rounded = oracle(Math.fround);
  const found = part(shapeOf(output, problem.options), got);
  const largest = want.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const apart = (values: Float64Array): number =>
    values.reduce((most, value, i) => {
      const difference = Math.abs(value - want[i]!);
      return Number.isNaN(difference) ? Infinity : Math.max(most, difference);
    }, 0) / largest;
  return { error: apart(found), allowed: 2 * apart(rounded) + check.floor(input) };
}

/** The axes of an input, the kernel's own or a filling's. */
function shapeNames({ check, problem }: DrawnCase, name: string): readonly (string | number)[] {
  const own = check.kernel.inputs[name];
  if (own) return shapeOf(own, problem.options);
  const [slot, binding] = name.split('.') as [string, string];
  return problem.slots[slot]!.bindings![binding]!.shape;
}

/** The places of `sample` of a row-major tensor. */
function cut(
  shape: readonly (string | number)[],
  axes: Problem['axes'],
  sample: Sample,
  data: ArrayLike<number>,
): Float64Array {
  let places: readonly number[] = [0];
  for (const axis of shape) {
    const size = typeof axis === 'number' ? axis : axes[axis]!;
    const along = (typeof axis === 'string' && sample[axis]) || Array.from({ length: size }, (_, i) => i);
    places = places.flatMap((place) => along.map((i) => place * size + i));
  }
  return Float64Array.from(places, (place) => data[place]!);
}
