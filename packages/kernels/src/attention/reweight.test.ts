// The slot `reweight` in all tiles, split and whole, with a factor by relative position.
import type { Filling } from '@tilewright/kernels';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { sinkSoftmax } from './fillings/index.ts';
import { decodeAttention } from './decode-attention/index.ts';
import { flashAttention } from './flash-attention/index.ts';
import { attentionCase, attentionFloor, attentionInputs, mixedStorage } from './check-cases.ts';
import { attentionCost } from './cost.ts';
import { attentionReference } from './reference.ts';
import type { ReweightReference } from './slots.ts';

const reach = 4;
const distanceFactor: Filling<ReweightReference> = {
  id: 'distance-factor',
  bindings: { factors: { shape: ['heads', 2 * reach + 1], dtype: 'f32' } },
  wgsl: (slot) => `fn ${slot}(weight: f32, pair: Pair) -> f32 {
  let distance = clamp(i32(pair.key) - pair.position, -${reach}i, ${reach}i);
  return weight * ${slot}_factors_load(pair.head * ${2 * reach + 1}u + u32(distance + ${reach}i));
}`,
  reference: (weight, { head, key, position }, { tensor, round }) => {
    const distance = Math.min(Math.max(key - position, -reach), reach);
    return round(weight * tensor('factors')[head * (2 * reach + 1) + distance + reach]!);
  },
};

const shared = {
  reference: attentionReference,
  cost: attentionCost,
  inputs: attentionInputs,
  workloads: [],
  spreads: ['v'],
  floor: attentionFloor,
};
const slots = { reweight: distanceFactor };

testKernel({
  ...shared,
  kernel: flashAttention,
  cases: [
    attentionCase([1, 3, 5, 1, 1, 4], { slots }),
    attentionCase([2, 37, 41, 4, 2, 8, 5], {
      options: { causal: true, lengths: true, lse: true },
      slots: { ...slots, weight: sinkSoftmax },
      dtypes: mixedStorage,
    }),
  ],
});

testKernel({
  ...shared,
  kernel: decodeAttention,
  cases: [
    attentionCase([1, 1, 9, 1, 1, 4], { slots }),
    attentionCase([2, 2, 600, 4, 2, 8], {
      options: { lengths: true, lse: true },
      slots,
      dtypes: mixedStorage,
    }),
  ],
});
