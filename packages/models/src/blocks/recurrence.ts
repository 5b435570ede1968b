import type { DecoderBuilder } from './decoder-builder.ts';

/**
 * What a recurrence gives of a step, which has a state in f32 that does not grow with the text: `shape` for each sequence, zero where
 * one begins. `run` makes of the state before the step the result and the state after it; `sequences`, where a step holds several, is an
 * input of its node.
 */
export function recurrence(
  m: DecoderBuilder,
  name: string,
  shape: readonly number[],
  run: (before: string, sequences: string | undefined) => readonly [result: string, after: string],
): string {
  const { rows } = m;
  const before = m.graph.state(name, 'f32', [rows, ...shape]);
  const [result, after] = run(before, rows > 1 ? m.sequences : undefined);
  m.succeed(name, after);
  m.restarts.push(name);
  return result;
}
