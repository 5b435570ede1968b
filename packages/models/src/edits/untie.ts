import { TilewrightError } from '@tilewright/kernels';
import type { ModelEdit } from './edit.ts';

/**
 * Gives the head a weight of its own where it is the embedding, too: what comes after may change one without the other. The model
 * computes what it did, and is larger by that weight. Throws `bad-argument` where it has one.
 */
export const untie = (): ModelEdit => ({
  name: 'untie',
  calibrates: false,
  apply: ({ opened: { model, weights } }) => {
    const repeated = [...(model.repeated ?? [])];
    if (repeated.length === 0)
      throw new TilewrightError('bad-argument', {
        subject: 'untie',
        problem: 'the head has a weight of its own',
        requirement: 'this step gives it one',
        fix: 'leave this step out',
      });
    const copies = repeated.map(([name, of]) => [name, weights.get(of)!] as const);
    return Promise.resolve({
      config: { tie_word_embeddings: false },
      weights: new Map([...weights, ...copies]),
    });
  },
});
