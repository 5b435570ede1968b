// Cases of packed sequences, for checks.
import type { CheckCase } from '../../contract/check.ts';

/** A case of one batch row in which sequences of these lengths lie. */
export function packedCase(lengths: readonly number[], oneRow: CheckCase): CheckCase {
  const starts = Uint32Array.of(0, ...lengths);
  for (let number = 1; number < starts.length; number++) starts[number]! += starts[number - 1]!;
  return {
    ...oneRow,
    axes: { ...oneRow.axes, sequences: lengths.length, bounds: starts.length },
    options: { ...oneRow.options, packed: true },
    inputs: (input, random) => ({ ...oneRow.inputs?.(input, random), starts }),
  };
}
