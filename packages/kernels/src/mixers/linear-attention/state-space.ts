// What state space models put into the slots of linear attention (Mamba-2; Dao and Gu 2024, arXiv 2405.21060).
import { checkOptions, finiteNumber, optional, trueOrFalse } from '../../contract/check-options.ts';
import type { Filling } from '../../contract/filling.ts';
import type { FinishReference, GatesReference } from './slots.ts';

/** Options of {@link stateSpaceGates}. */
export interface StateSpaceGates {
  readonly softplus: boolean;
  readonly bias: boolean;
  /** A step below it counts as this. Default no bound. */
  readonly least?: number;
  /** A step above it counts as this. Default no bound. */
  readonly most?: number;
}

/**
 * Slot `gates`: with a step Δ, `softplus` of it where asked for, from `least` to `most`, the decay is `exp(Δ A)` and the weight of the key Δ. `gates.step`
 * `[batch, keys, value_heads]`, `gates.rate` `[value_heads]`, A itself, and with `bias` `gates.bias` `[value_heads]`, which is added first.
 */
export function stateSpaceGates(options: StateSpaceGates): Filling<GatesReference> {
  checkOptions('stateSpaceGates', options, {
    softplus: trueOrFalse,
    bias: trueOrFalse,
    least: optional(finiteNumber),
    most: optional(finiteNumber),
  });
  const { softplus, bias, least, most } = options;
  const bounds = [
    ...(least === undefined ? [] : [{ name: 'max', bound: Math.fround(least), clamp: Math.max }]),
    ...(most === undefined ? [] : [{ name: 'min', bound: Math.fround(most), clamp: Math.min }]),
  ];
  return {
    id: [
      `state-space${softplus ? '-softplus' : ''}${bias ? '-bias' : ''}`,
      ...bounds.map(({ name, bound }) => `-${name} ${bound}`),
    ].join(''),
    bindings: {
      step: { shape: ['batch', 'keys', 'value_heads'], dtype: 'float', order: 'rows' },
      rate: { shape: ['value_heads'], dtype: 'float' },
      ...(bias && { bias: { shape: ['value_heads'], dtype: 'float' } }),
    },
    wgsl: (slot) => `fn ${slot}(place: Place) -> vec3<f32> {
  var step = ${slot}_step_load(state_row(place))${bias ? ` + ${slot}_bias_load(place.head)` : ''};
  ${softplus ? 'step = soft_plus(step);' : ''}${bounds
    .map(
      ({ name, bound }) => `
  step = keep_nan(step, ${name}(step, f32(${bound})));`,
    )
    .join('')}
  return vec3<f32>(step * ${slot}_rate_load(place.head), step, 0.0);
}`,
    reference: ({ batch, head, token }, { tensor, axes, round }) => {
      const at = (batch * axes.keys! + token) * axes.value_heads! + head;
      const x = bias ? round(tensor('step')[at]! + tensor('bias')[head]!) : tensor('step')[at]!;
      const free = softplus ? round(Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))) : x;
      const step = bounds.reduce((each, { clamp, bound }) => clamp(each, bound), free);
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
      ...(gate && {
        gate: { shape: ['batch', 'tokens', 'outputs', 'value_size'], dtype: 'float', order: 'rows' },
      }),
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
