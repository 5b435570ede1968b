// What state space models put into the slots of linear attention (Mamba-2; Dao and Gu 2024, arXiv 2405.21060).
import { checkOptions, trueOrFalse } from '../../contract/check-options.ts';
import type { Filling } from '../../contract/filling.ts';
import type { FinishReference, GatesReference } from './slots.ts';

/**
 * Slot `gates`: with a step Δ, `softplus` of it where asked for, the decay is `exp(Δ A)` and the weight of the key Δ. `gates.step`
 * `[batch, keys, value_heads]`, `gates.rate` `[value_heads]`, A itself, and with `bias` `gates.bias` `[value_heads]`, which is added first.
 */
export function stateSpaceGates(options: {
  readonly softplus: boolean;
  readonly bias: boolean;
}): Filling<GatesReference> {
  checkOptions('stateSpaceGates', options, { softplus: trueOrFalse, bias: trueOrFalse });
  const { softplus, bias } = options;
  return {
    id: `state-space${softplus ? '-softplus' : ''}${bias ? '-bias' : ''}`,
    bindings: {
      step: { shape: ['batch', 'keys', 'value_heads'], dtype: 'float' },
      rate: { shape: ['value_heads'], dtype: 'float' },
      ...(bias && { bias: { shape: ['value_heads'], dtype: 'float' } }),
    },
    wgsl: (slot) => `fn ${slot}(place: Place) -> vec3<f32> {
  var step = ${slot}_step_load(state_row(place))${bias ? ` + ${slot}_bias_load(place.head)` : ''};
  ${softplus ? 'step = soft_plus(step);' : ''}
  return vec3<f32>(step * ${slot}_rate_load(place.head), step, 0.0);
}`,
    reference: ({ batch, head, token }, { tensor, axes, round }) => {
      const at = (batch * axes.keys! + token) * axes.value_heads! + head;
      const x = bias ? round(tensor('step')[at]! + tensor('bias')[head]!) : tensor('step')[at]!;
      const step = softplus ? round(Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))) : x;
      return [round(step * tensor('rate')[head]!), step, 0];
    },
  };
}

/**
 * Slot `finish`: with `skip` the value itself is added, times `finish.skip` `[value_heads]`; with `gate` the output is multiplied by silu of
 * `finish.gate` `[batch, tokens, outputs, value_size]`.
 */
export function skipAndGate(options: {
  readonly skip: boolean;
  readonly gate: boolean;
}): Filling<FinishReference> {
  checkOptions('skipAndGate', options, { skip: trueOrFalse, gate: trueOrFalse });
  const { skip, gate } = options;
  return {
    id: `${skip ? 'skip' : 'no-skip'}${gate ? '-gate' : ''}`,
    bindings: {
      ...(skip && { skip: { shape: ['value_heads'], dtype: 'float' } }),
      ...(gate && { gate: { shape: ['batch', 'tokens', 'outputs', 'value_size'], dtype: 'float' } }),
    },
    wgsl: (slot) => `fn ${slot}(place: Place, head: u32, column: u32, value: f32, sum: f32) -> f32 {
  var y = value;
  ${skip ? `y += ${slot}_skip_load(place.head) * key_value(place, column);` : ''}
  ${
    gate
      ? `let z = ${slot}_gate_load(((place.batch * params.tokens + place.token) * OUTPUTS + head) * VALUE_SIZE + column);
  y *= z * sigmoid(z);`
      : ''
  }
  return y;
}`,
    reference: (place, { head, column, value }, { tensor, axes, value: valueAt, round }) => {
      const { batch, token } = place;
      const skipped = skip
        ? round(value + round(tensor('skip')[place.head]! * valueAt(place, column)))
        : value;
      if (!gate) return skipped;
      const { tokens, outputs, value_size: size } = axes as Record<string, number>;
      const z = tensor('gate')[((batch * tokens! + token) * outputs! + head) * size! + column]!;
      return round(skipped * round(z / round(1 + round(Math.exp(-z)))));
    },
  };
}
