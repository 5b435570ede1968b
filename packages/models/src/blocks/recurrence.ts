import { TilewrightError } from '@tilewright/kernels';
import type { DecoderBuilder } from './decoder-builder.ts';

/**
 * What a recurrence gives of a step, which has a state in f32 that does not grow with the text: `shape` for each sequence, zero where
 * one begins. `run` makes of the state before the step the result and the state after it.
 */
export function recurrence(
  m: DecoderBuilder,
  name: string,
  shape: readonly number[],
  run: (before: string) => readonly [result: string, after: string],
): string {
  const { rows } = m;
  if (rows > 1)
    throw new TilewrightError('bad-argument', {
      subject: name,
      problem: `a step is to hold ${rows} sequences`,
      requirement: 'this state is of one text',
      fix: 'leave sequences out',
    });
  const [result, after] = run(m.graph.state(name, 'f32', [rows, ...shape]));
  m.succeed(name, after);
  m.restarts.push(name);
  return result;
}
