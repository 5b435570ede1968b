import { channelSites } from '@tilewright/compression';
import { checkOptions, TilewrightError } from '@tilewright/kernels';
import { dropColumns, type ColumnSite } from './drop-columns.ts';
import type { ModelEdit } from './edit.ts';

export interface DropNeuronsConfig {
  /** The part of the neurons of each MLP that goes, above 0 and below 1. */
  readonly part: number;
}

/**
 * Drops a part of the neurons of every MLP, as many in each, so that `intermediate_size` says how many are left: those that add least
 * to the outputs on the calibration text. The columns that are left make up for them.
 *
 * Source: AxFormer (Nagarajan et al. 2020), with the compensation of SparseGPT in the place of training.
 */
export const dropNeurons = (config: DropNeuronsConfig): ModelEdit => {
  checkOptions('dropNeurons', config, {
    part: { what: 'a number above 0 and below 1', accepts: (part) => Number(part) > 0 && Number(part) < 1 },
  });
  const name = 'drop neurons';
  return {
    name,
    calibrates: true,
    apply: async (context) => {
      const { model, weights } = context.opened;
      const sites = channelSites(model.graph).map(({ columns, rows }): ColumnSite => {
        const matrices = columns.filter((weight) => weights.get(weight)!.shape.length === 2);
        const vectors = columns.filter((weight) => weights.get(weight)!.shape.length === 1);
        if (matrices.length !== 1)
          throw refusal(name, `${matrices.join(' and ') || 'nothing'} reads neurons`, 'one weight does');
        return {
          reader: matrices[0]!,
          group: 1,
          makers: new Map([...rows, ...vectors].map((weight) => [weight, 1])),
        };
      });
      const sizes = new Set(sites.map(({ reader }) => weights.get(reader)!.shape[1]!));
      const [size, ...others] = sizes;
      if (size === undefined || others.length > 0)
        throw refusal(
          name,
          size === undefined ? 'the model has no MLP' : `its MLPs have ${[...sizes].join(' and ')} neurons`,
          'one number in config.json says how many there are',
        );
      const count = Math.round(size * config.part);
      if (count < 1 || count >= size)
        throw refusal(name, `${count} of ${size} neurons would go`, 'some go and some stay');
      const changed = await dropColumns(name, context, sites, count);
      return { config: { intermediate_size: size - count }, weights: new Map([...weights, ...changed]) };
    },
  };
};

export const refusal = (subject: string, problem: string, requirement: string): TilewrightError =>
  new TilewrightError('bad-argument', {
    subject,
    problem,
    requirement,
    fix: 'leave this step out, or ask for another number',
  });
