import { TilewrightError } from '../../contract/errors.ts';
import type { Kernel } from '../../contract/contract.ts';
import type { FormatWithKernels } from '../../contract/format-with-kernels.ts';
import type { WeightFormat } from '../../contract/weight-format.ts';
import { checkHost } from '../../weights/check-host.ts';
import { matrixShape } from '../../weights/sections.ts';

/**
 * A weight of integers whose products round their activation to int8, one step for each row: W8A8, W4A8. Stored as `weights`, section by
 * section; the format brings the kernel that rounds, and no other multiplies by it.
 */
export interface Int8TokensFormat extends FormatWithKernels {
  /** How the numbers are stored. */
  readonly weights: WeightFormat;
}

export const family = 'int8-tokens';

/** True of formats whose activations are rounded. */
export const isInt8Tokens = (format: WeightFormat): format is Int8TokensFormat => format.family === family;

/** The value itself, with the kernels it brings. Throws `bad-format` for weights without codes of eight bits or less to meet. */
export function int8TokensFormat(weights: WeightFormat, kernels: readonly Kernel[]): Int8TokensFormat {
  checkHost('withInt8Tokens', { format: weights });
  const { columnBlock, unjoined, rowless } = weights;
  const name = `${weights.name}-a8`;
  if (weights.reader?.codeOffset === undefined)
    throw new TilewrightError('bad-format', {
      subject: `format ${name}`,
      problem: `weights stored as ${weights.name} have no integer codes for int8 activations to meet`,
      requirement:
        'they are integers in groups of a multiple of 32 columns or rows, with scales in f16 or bf16',
      fix: 'round the weight to such integers first',
    });
  const record = { format: family, weights: weights.record };
  return Object.freeze({
    family,
    id: JSON.stringify(record),
    name,
    record,
    weights,
    kernels,
    columnBlock,
    sections: (shape: readonly number[]) => {
      matrixShape(name, shape);
      return weights.sections(shape);
    },
    ...(unjoined && { unjoined }),
    ...(rowless && { rowless }),
  });
}
