import { assemble } from '../../contract/assemble.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import carryWgsl from '../prefix-sum/carry.wgsl';
import { scanVariants } from '../scan/variants.ts';
import compactWgsl from './compact.wgsl';

/**
 * ids = the tokens that are kept, in order.
 *
 * Stream compaction: of each row of `keep` the places of what is not 0, one after the other, and how many there are. The rest of `ids` are the
 * places of what is 0, the last one first, so that `ids` is a permutation of the row.
 *
 * `keep` and `ids` are `[batch, tokens]`, `counts` `[batch]`, all u32.
 */
export const compact: Kernel<'keep', 'ids' | 'counts'> = /* @__PURE__ */ defineKernel({
  name: 'compact',
  axes: { batch: 'dynamic', tokens: 'dynamic' },
  inputs: { keep: { shape: ['batch', 'tokens'], dtype: 'u32', order: 'rows' } },
  outputs: { ids: { shape: ['batch', 'tokens'], dtype: 'u32' }, counts: { shape: ['batch'], dtype: 'u32' } },
  dtypes: ['f32'],
  variants: /* @__PURE__ */ scanVariants({
    algebra: { wgsl: '', carry: carryWgsl, values: 1 },
    channels: () => 1,
    type: () => 'u32',
    narrow: true,
    bindings: () => ({ load: ['keep'], start: [], emit: ['ids'], finish: ['counts'] }),
    program: (problem, plan, parts) =>
      assemble({ problem, plan, ...parts, wgsl: [...parts.wgsl, compactWgsl] }),
  }),
});
