// How weights are made of stored tensors, for the `stored` of an architecture.
import type { HostTensor } from '@tilewright/kernels';
import type { StoredNames, StoredWeight } from './architecture.ts';

/** A weight that is stored as it is published. */
export const asStored = (tensor: string): StoredWeight => ({
  tensors: [tensor],
  shape: ([shape]) => shape!,
  make: ([stored]: readonly HostTensor[]) => stored!,
});

/** Names as the authors of the architecture published them. Rotary frequencies follow from the config. */
export const publishedNames: StoredNames = {
  weight: (name) => asStored(name),
  isRedundant: (tensor) => tensor.endsWith('.rotary_emb.inv_freq'),
};
