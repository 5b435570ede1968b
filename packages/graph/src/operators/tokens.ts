import { type Operator, rank, sameDimension } from './operator.ts';

/** ONNX `Gather` along axis 0 of a weight: `y[t] = table[ids[t]]`. */
export const embedding: Operator = {
  name: 'Embedding',
  summary: 'y[t] = table[ids[t]]',
  inputs: ['table', 'ids'],
  infer: ({ subject, inputs }) => {
    rank(subject, 'table', inputs.table!, 2);
    rank(subject, 'ids', inputs.ids!, 1);
    return { y: { dtype: 'f32', shape: [inputs.ids!.shape[0]!, inputs.table!.shape[1]!] } };
  },
};

/** Draws a token per row from logits; temperature, top-k, top-p, seed and counter are values of the step. */
export const sample: Operator = {
  name: 'Sample',
  summary: 'ids[r] ~ softmax(logits[r] / temperature), restricted to top-k and top-p',
  inputs: ['logits'],
  infer: ({ subject, inputs }) => {
    rank(subject, 'logits', inputs.logits!, 2);
    return { ids: { dtype: 'u32', shape: [inputs.logits!.shape[0]!] } };
  },
};

/** `loss[r] = logsumexp(logits[r]) - logits[r, targets[r]]`, in nats. */
export const crossEntropy: Operator = {
  name: 'CrossEntropy',
  summary: 'loss[r] = -log softmax(logits[r])[targets[r]]',
  inputs: ['logits', 'targets'],
  infer: ({ subject, inputs }) => {
    rank(subject, 'logits', inputs.logits!, 2);
    sameDimension(subject, 'the number of targets', inputs.targets!.shape[0], inputs.logits!.shape[0]);
    return { loss: { dtype: 'f32', shape: [inputs.logits!.shape[0]!] } };
  },
};

export const argMax: Operator = {
  name: 'ArgMax',
  summary: 'ids[r] = index of the largest x[r], the lowest index among equals',
  inputs: ['x'],
  infer: ({ subject, inputs }) => {
    rank(subject, 'x', inputs.x!, 2);
    return { ids: { dtype: 'u32', shape: [inputs.x!.shape[0]!] } };
  },
};

/** Adds `xᵀx` to a running sum, for calibration. */
export const gram: Operator = {
  name: 'Gram',
  summary: 'present = past + xᵀ · x',
  inputs: ['past', 'x'],
  inPlace: { present: 'past' },
  infer: ({ subject, inputs }) => {
    rank(subject, 'x', inputs.x!, 2);
    sameDimension(subject, 'the size of the sum', inputs.past!.shape[0], inputs.x!.shape[1]);
    return { present: inputs.past! };
  },
};
