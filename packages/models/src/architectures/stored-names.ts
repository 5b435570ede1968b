// How weights are made of stored tensors, for the `stored` of an architecture.
import type { HostTensor } from '@tilewright/kernels';
import type { StoredNames, StoredWeight } from './architecture.ts';

/** A weight that is stored as it is published. */
export const asStored = (tensor: string): StoredWeight => ({
  tensors: [tensor],
  shape: ([shape]) => shape!,
  make: ([stored]: readonly HostTensor[]) => stored!,
});

/**
 * Names as the authors of an architecture published them. `base` stands in front of every name but the head's; a file of the model
 * without its head leaves it out. Rotary frequencies follow from the config.
 */
export const namesBehind = (base: string): StoredNames => ({
  weight(name, tensors) {
    const bare = name.startsWith(base) ? name.slice(base.length) : name;
    return asStored(!tensors.has(name) && tensors.has(bare) ? bare : name);
  },
  isRedundant: (tensor) => tensor.endsWith('.rotary_emb.inv_freq'),
});

/** Those of Hugging Face's Llama and its kin. */
export const publishedNames: StoredNames = /* @__PURE__ */ namesBehind('model.');
