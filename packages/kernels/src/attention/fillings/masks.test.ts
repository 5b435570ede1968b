// Masks against the oracle: every shape of mask tensors, and rules computed in the kernel, over several blocks of keys.
import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { attentionCase, mixedStorage } from '../check-cases.ts';

import { checkFillings } from './check-fillings.ts';
import {
  additiveMask,
  blockMask,
  booleanMask,
  bothMasks,
  documentMask,
  kroneckerMask,
  priorFittedMask,
  sentinelMask,
  treeMask,
} from './index.ts';

testKernel(
  checkFillings([
    attentionCase([1, 3, 5, 1, 1, 4], { slots: { mask: additiveMask({ queries: true, keys: false }) } }),
    attentionCase([1, 4, 6, 1, 1, 4], { slots: { mask: booleanMask({ queries: true, columns: 4 }) } }),
    attentionCase([2, 33, 130, 2, 1, 8], {
      slots: { mask: additiveMask({ batch: true, heads: true, queries: true, columns: 40 }) },
      dtypes: { ...mixedStorage, 'mask.bias': 'f16' },
    }),
    attentionCase([2, 33, 70, 2, 1, 8], { slots: { mask: booleanMask({ heads: true }) } }),
    attentionCase([2, 33, 70, 2, 1, 8], { slots: { mask: booleanMask({ batch: true }) } }),
    attentionCase([2, 9, 70, 2, 1, 8], { slots: { mask: booleanMask({ batch: true, keys: false }) } }),
    attentionCase([2, 9, 130, 2, 1, 8], { slots: { mask: booleanMask({ batch: true, columns: 67 }) } }),
    attentionCase([3, 70, 131, 2, 1, 8], { slots: { mask: priorFittedMask() }, dtypes: mixedStorage }),
    attentionCase([3, 70, 131, 2, 1, 8], { slots: { mask: priorFittedMask({ self: true }) } }),
    attentionCase([2, 90, 131, 2, 1, 8], { options: { lengths: true }, slots: { mask: sentinelMask } }),
    attentionCase([1, 13, 90, 2, 1, 8], {
      options: { causal: true },
      slots: { mask: treeMask({ nodes: 13 }) },
    }),
    attentionCase([3, 45, 131, 2, 1, 8], {
      options: { causal: true, lengths: true },
      slots: { mask: treeMask({ nodes: 40, batch: true }) },
    }),
    attentionCase([2, 90, 131, 2, 1, 8], { slots: { mask: kroneckerMask(3) }, dtypes: mixedStorage }),
    attentionCase([2, 40, 40, 2, 1, 8], {
      slots: { mask: bothMasks(kroneckerMask(3), bothMasks(documentMask, booleanMask({ heads: true }))) },
    }),
    attentionCase([1, 70, 90, 2, 1, 8], {
      slots: { mask: blockMask({ size: 16, keySize: 3, queryBlocks: 5, keyBlocks: 30, heads: true }) },
    }),
    attentionCase([1, 1, 9, 1, 1, 4], { slots: { mask: priorFittedMask({ self: true }) } }),
    attentionCase([1, 2, 9, 1, 1, 4], { slots: { mask: booleanMask({ columns: 5 }) } }),
    attentionCase([2, 5, 60, 4, 2, 8], {
      options: { causal: true, lengths: true },
      slots: { mask: treeMask({ nodes: 5, batch: true }) },
    }),
  ]),
);

test.each([
  ['size', { size: 0 }],
  ['keySize', { keySize: 1.5 }],
  ['queryBlocks', { queryBlocks: -1 }],
  ['keyBlocks', { keyBlocks: NaN }],
])('a block mask whose %s is no count is refused', (name, wrong: Readonly<Record<string, number>>) => {
  expect(() => blockMask({ size: 4, queryBlocks: 2, keyBlocks: 2, ...wrong })).toThrowError(
    `[blockMask] ${name} is ${wrong[name]}; it must be a positive integer. Fix: give a positive integer.`,
  );
});
