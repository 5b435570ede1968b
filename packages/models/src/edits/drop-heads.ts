import { attentionSites } from '@tilewright/compression';
import { checkOptions, positiveInteger } from '@tilewright/kernels';
import { type ColumnSite, dropColumns } from './drop-columns.ts';
import { refusal } from './drop-neurons.ts';
import type { ModelEdit } from './edit.ts';

export interface DropHeadsConfig {
  /** How many key heads of each layer go, with the query heads that share them. */
  readonly count: number;
}

/**
 * Drops heads of every attention, as many in each, so that `num_attention_heads` and `num_key_value_heads` say how many are left: key
 * heads with the queries that share them, those that add least to the outputs on the calibration text. The columns that are left make up for them.
 *
 * Source: AxFormer (Nagarajan et al. 2020), with the compensation of SparseGPT in the place of training.
 */
export const dropHeads = (config: DropHeadsConfig): ModelEdit => {
  checkOptions('dropHeads', config, { count: positiveInteger });
  const name = 'drop heads';
  return {
    name,
    calibrates: true,
    apply: async (context) => {
      const { model, weights } = context.opened;
      const found = attentionSites(model, weights);
      const shapes = new Set(found.map(({ heads, keyHeads, size }) => [heads, keyHeads, size].join()));
      const [{ heads, keyHeads, size }] = found;
      if (shapes.size > 1)
        throw refusal(name, 'its layers have other numbers of heads', 'config.json says it once for all');
      if (config.count >= keyHeads)
        throw refusal(name, `${config.count} of ${keyHeads} key heads would go`, 'one stays at least');
      const share = heads / keyHeads;
      const sites = found.map(({ reader, makers }): ColumnSite => ({ reader, group: share * size, makers }));
      const changed = await dropColumns(name, context, sites, config.count);
      const left = keyHeads - config.count;
      return {
        config: { num_attention_heads: left * share, num_key_value_heads: left, head_dim: size },
        weights: new Map([...weights, ...changed]),
      };
    },
  };
};
