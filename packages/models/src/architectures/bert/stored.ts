// How the weights of a BERT are stored: models with heads put `bert.` in front of every name, and files that were converted
// from TensorFlow call gains and biases of norms gamma and beta.
import { asStored } from '../stored-names.ts';
import type { StoredNames } from '../architecture.ts';

const older = (name: string): string =>
  name.replace(/LayerNorm\.weight$/, 'LayerNorm.gamma').replace(/LayerNorm\.bias$/, 'LayerNorm.beta');

export const bertNames: StoredNames = {
  weight(name, tensors) {
    const spellings = [name, `bert.${name}`].flatMap((each) => [each, older(each)]);
    return asStored(spellings.find((each) => tensors.has(each)) ?? name);
  },
  // The numbers 0, 1, 2 …: positions are counted here.
  isRedundant: (tensor) => /(^|\.)embeddings\.position_ids$/.test(tensor),
};
