// What references of slots may read.
import type { OracleInput } from '../../contract/check.ts';
import type { GatesReference, MixerScope } from './slots.ts';

/** The scope of a slot's filling in a case. */
export function mixerScope(input: OracleInput, slot: string): MixerScope {
  const { axes, inputs, round } = input;
  const { keys, value_heads: heads, value_size: size } = axes as Record<string, number>;
  return {
    tensor: (binding) => inputs[`${slot}.${binding}`]!,
    axes,
    value: ({ batch, head, token }, column) =>
      inputs.v![((batch * keys! + token) * heads! + head) * size! + column]!,
    note: (place) => (input.slots.gates as GatesReference)(place, mixerScope(input, 'gates'))[2],
    round,
  };
}
