import { masked } from '../slots.ts';
import { assemble } from '../../contract/assemble.ts';
import type { Problem } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import powerWgsl from '../../numbers/power.wgsl';
import seenWgsl from '../seen.wgsl';
import mergeWgsl from './attention-merge.wgsl';

const workgroup = 64;
const widthOf = ({ axes }: Problem): 1 | 4 => (axes.value_size! % 4 === 0 ? 4 : 1);

/**
 * y = Σ exp(lseₚ) yₚ / Σ exp(lseₚ) over parts p.
 *
 * Attention over all keys from attention over parts of them (split caches, chunks, several devices): y is the mean of
 * the parts weighted by exp(log-sum-exp), and the merged log-sum-exp merges again (Dao et al. 2023, flash-decoding).
 *
 * `parts` `[parts, batch, queries, heads, value_size]` and `part_lse` `[parts, batch, heads, queries]` are the outputs
 * `y` and `lse` of flash-attention or decode-attention, one after the other. A row that no part has keys for is zero.
 */
export const attentionMerge: Kernel<'parts' | 'part_lse', 'y' | 'lse'> = /* @__PURE__ */ defineKernel({
  name: 'attention-merge',
  axes: { parts: 'dynamic', batch: 'dynamic', queries: 'dynamic', heads: 'static', value_size: 'static' },
  inputs: {
    parts: ['parts', 'batch', 'queries', 'heads', 'value_size'],
    part_lse: { shape: ['parts', 'batch', 'heads', 'queries'], dtype: 'f32' },
  },
  outputs: {
    y: ['batch', 'queries', 'heads', 'value_size'],
    lse: { shape: ['batch', 'heads', 'queries'], dtype: 'f32', when: ['lse', true] },
  },
  options: { lse: [false, true] },
  dtypes: ['f32', 'f16'],
  variants: [
    {
      name: 'baseline',
      plans: () => [{ workgroup }],
      program: (problem, plan) => {
        const width = widthOf(problem);
        const units = problem.axes.value_size! / width;
        return assemble({
          kernel: attentionMerge,
          problem,
          plan,
          constants: {
            HEADS: problem.axes.heads!,
            UNITS: units,
            WORKGROUP: workgroup,
            MASKED: { f32: masked },
            MANY: 0x3fff_ffff,
          },
          views: { parts: { width }, y: { width } },
          wgsl: [
            powerWgsl,
            seenWgsl,
            mergeWgsl,
            `alias fragment = ${width === 4 ? 'vec4<f32>' : 'f32'};`,
            `fn store_log_sum_exp(row: u32, value: f32) {${problem.options.lse === true ? ' lse_store(row, value); ' : ''}}`,
          ],
          dispatches: [
            {
              entryPoint: 'main',
              workgroups: ceilDiv(times('batch', times('queries', problem.axes.heads! * units)), workgroup),
            },
          ],
        });
      },
    },
  ],
});
