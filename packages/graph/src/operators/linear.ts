import type { ValueType } from '../ir.ts';
import { type InferContext, numberOf, type Operator, rank, sameDimension } from './operator.ts';

function linearOutput({ subject, inputs }: InferContext, columns?: number): ValueType {
  const x = inputs.x!;
  const weight = inputs.weight!;
  rank(subject, 'x', x, 2);
  rank(subject, 'weight', weight, 2);
  sameDimension(subject, 'the last dimension of x', x.shape[1], weight.shape[1]);
  return { dtype: 'f32', shape: [x.shape[0]!, columns ?? weight.shape[0]!] };
}

/**
 * `y = x weightᵀ`; after fusion also a norm in front (`normEpsilon`, gain in `gain`) and an expression behind
 * (`epilogue`, with operands `epilogue.<name>`).
 */
export const linear: Operator = {
  name: 'Linear',
  summary: 'y = x · weightᵀ',
  inputs: ['x', 'weight', 'gain?', 'epilogue.*'],
  infer: (context) => ({ y: linearOutput(context) }),
};

/** `y = act(x gateᵀ) ⊙ (x upᵀ)` with the gate's rows above the up projection's in one weight. */
export const gateUp: Operator = {
  name: 'GateUp',
  summary: 'y = silu(x · gateᵀ) · (x · upᵀ), weight = [gate; up]',
  inputs: ['x', 'weight', 'gain?'],
  infer: (context) => ({ y: linearOutput(context, Number(context.inputs.weight!.shape[0]) / 2) }),
};

/**
 * Merged query, key and value projections with rotary embedding, keys and values written to their caches. The rows of
 * queries and keys are permuted so that rotary pairs are neighbours; scores do not change.
 */
export const linearRopeCache: Operator = {
  name: 'LinearRopeCache',
  summary: 'q, caches = rope(x · [Wq; Wk; Wv]ᵀ), keys and values scattered at their positions',
  inputs: ['x', 'weight', 'table', 'positions', 'pastKey', 'pastValue', 'gain?'],
  inPlace: { presentKey: 'pastKey', presentValue: 'pastValue' },
  infer: (context) => {
    const { inputs } = context;
    const y = linearOutput(context);
    const width = numberOf(context, 'heads') * numberOf(context, 'headSize');
    return {
      q: { dtype: y.dtype, shape: [y.shape[0]!, width] },
      presentKey: inputs.pastKey!,
      presentValue: inputs.pastValue!,
    };
  },
};
