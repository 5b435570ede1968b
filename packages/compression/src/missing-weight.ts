import { TilewrightError } from '@tilewright/kernels';

/** The error of a weight that a model has and a state lacks: `bad-model`. */
export const missingWeight = (name: string): TilewrightError =>
  new TilewrightError('bad-model', {
    subject: name,
    problem: 'this weight is not among the weights',
    requirement: 'the model has it',
    fix: 'give all weights of the model, by published name',
  });
