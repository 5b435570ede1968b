// Which tokens are whose, for oracles.
import type { OracleInput } from '../../contract/check.ts';

/** A sequence: its state is the one of `number`, its tokens are those of a batch row from `first` on. */
export interface TokenSequence {
  readonly number: number;
  readonly batch: number;
  readonly first: number;
  readonly count: number;
}

/** Batch rows; where sequences are packed, those of `starts`. */
export function sequencesOf({
  axes,
  options,
  inputs,
}: Pick<OracleInput, 'axes' | 'options' | 'inputs'>): readonly TokenSequence[] {
  const { starts } = inputs;
  if (options.packed === true && starts)
    return Array.from({ length: axes.sequences! }, (_, number) => ({
      number,
      batch: 0,
      first: starts[number]!,
      count: starts[number + 1]! - starts[number]!,
    }));
  return Array.from({ length: axes.batch! }, (_, number) => ({
    number,
    batch: number,
    first: 0,
    count: axes.tokens!,
  }));
}
