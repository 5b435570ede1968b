import { type Operator, rank, sameDimension } from './operator.ts';

/** ONNX `RMSNormalization` over the last axis; without `weight` the gain is one. */
export const rmsNormalization: Operator = {
  name: 'RMSNormalization',
  summary: 'y = x / sqrt(mean(x²) + epsilon) · weight',
  inputs: ['x', 'weight?'],
  infer: ({ subject, inputs }) => {
    rank(subject, 'x', inputs.x!, 2);
    if (inputs.weight)
      sameDimension(subject, 'the size of weight', inputs.weight.shape[0], inputs.x!.shape[1]);
    return { y: inputs.x! };
  },
};

/**
 * An expression applied element by element. Operands are the inputs by name; each has the full shape, or is a row
 * vector over the last axis. `Add`, `Mul`, `Silu` and their like are written in this form from the start.
 */
export const elementwise: Operator = {
  name: 'Elementwise',
  summary: 'y = expression(operands)',
  inputs: ['*'],
  infer: ({ subject, inputs }) => {
    const types = Object.entries(inputs);
    const full = types.find(([, type]) => type.shape.length === 2)?.[1] ?? types[0]![1];
    for (const [name, { shape }] of types) {
      sameDimension(subject, `the last dimension of '${name}'`, shape.at(-1), full.shape.at(-1));
      if (shape.length > 1)
        sameDimension(subject, `the first dimension of '${name}'`, shape[0], full.shape[0]);
    }
    return { y: { dtype: 'f32', shape: full.shape } };
  },
};
