// What mixers mean of packed sequences: each alone.
import type { MeaningContext, OperatorMeaning } from '../meaning.ts';

/** Roles of what has tokens, among inputs and outputs, and of states: of the initial one that of the final one. */
interface PackedRoles {
  readonly tokens: readonly string[];
  /** The axis of the tokens; default 1. */
  readonly axis?: 1 | 2;
  readonly states: Readonly<Record<string, string>>;
}

/** The meaning of a node, and of one with `sequences`. */
export function ofEachSequence(
  { tokens, axis = 1, states }: PackedRoles,
  { operator, meaning }: OperatorMeaning,
): OperatorMeaning {
  const finals = Object.values(states);
  const run = (context: MeaningContext): Readonly<Record<string, Float64Array>> => {
    const { has, value, shape } = context;
    if (!has('sequences')) return meaning(context);
    const step = shape('sequences').length === 1 ? 1 : 2;
    const starts = value('sequences').filter((_, i) => i % step === 0);
    const parts = Array.from({ length: starts.length - 1 }, (_, number) => {
      const [first, end] = [starts[number]!, starts[number + 1]!];
      return meaning({
        ...context,
        has: (role) => role !== 'sequences' && has(role),
        shape: (role) => {
          const sizes = shape(role);
          if (tokens.includes(role)) return sizes.with(axis, end - first);
          return states[role] !== undefined || finals.includes(role) ? sizes.with(0, 1) : sizes;
        },
        value: (role) => {
          const numbers = value(role);
          if (tokens.includes(role)) return slice(numbers, shape(role), axis, first, end);
          return states[role] === undefined ? numbers : slice(numbers, shape(role), 0, number, number + 1);
        },
      });
    });
    return Object.fromEntries(
      Object.keys(parts[0]!).map((role) => [
        role,
        join(
          parts.map((part) => part[role]!),
          finals.includes(role) || axis === 1 ? 1 : shape(role)[1]!,
        ),
      ]),
    );
  };
  return { operator, meaning: run };
}

/** The part of a tensor from one index of an axis to another. */
function slice(
  numbers: Float64Array,
  shape: readonly number[],
  axis: number,
  from: number,
  to: number,
): Float64Array {
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  return numbers.filter((_, i) => {
    const at = Math.floor(i / inner) % shape[axis]!;
    return at >= from && at < to;
  });
}

/** Parts one after the other in each of `lines`. */
const join = (parts: readonly Float64Array[], lines: number): Float64Array =>
  Float64Array.from(
    Array.from({ length: lines }, (_, line) =>
      parts.flatMap((part) => {
        const length = part.length / lines;
        return Array.from(part.subarray(line * length, (line + 1) * length));
      }),
    ).flat(),
  );
