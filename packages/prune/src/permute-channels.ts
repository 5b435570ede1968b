import {
  checkOption,
  gramStatistic,
  type Recipe,
  type RecipePart,
  requiredGram,
  type RotationSite,
  weightInput,
  type WeightChange,
} from '@tilewright/compression';
import { checkOptions, TilewrightError } from '@tilewright/kernels';
import { permuteRows, selectColumns, type HostTensor, unpack } from '@tilewright/kernels/weights';
import { denseDType, packDense } from '@tilewright/kernels/weights/dense';
import { orderForGroups } from './order-for-groups.ts';

/** Which groups of columns a later step prunes. */
export interface PermuteConfig {
  readonly n?: number;
  readonly m?: number;
}

/**
 * Puts columns into an order in which `n` of each `m` neighbours keep most: rows of the weights in front move with them, so the model
 * computes what it did. Wherever columns can change places: the neurons of an MLP. Swaps of two columns are tried, and kept where the part of
 * `w² · ‖x‖²` that pruning would keep grows. Needs the Gram matrix, and calibration anew for what comes after it.
 * Changes no format: compose it with what prunes. Throws `bad-argument` for an option that is unknown or out of range.
 *
 * Source: Pool and Yu, Channel Permutations for N:M Sparsity (2021), with its greedy swaps in a random order.
 */
export function permuteChannels(config: PermuteConfig = {}): Recipe {
  checkOptions('permuteChannels', config, ['n', 'm']);
  const { n = 2, m = 4 } = config;
  checkOption('permuteChannels', 'm', m, [2, 4, 8, 16].includes(m), '2, 4, 8 or 16');
  const nFits = Number.isInteger(n) && n >= 1 && n < m;
  checkOption('permuteChannels', 'n', n, nFits, `a whole number from 1 to ${m - 1}, less than m`);
  const name = `${n}:${m}-permute`;
  return Object.freeze({
    name,
    stages: [
      {
        statistics: [gramStatistic],
        changesInputs: true,
        rewrite: (part) => part.channels().flatMap((site) => permuteSite(name, part, site, n, m)),
      },
    ],
  } satisfies Recipe);
}

/** Numbers of rows that the search looks at, of all weights behind. */
const sampledRows = 256;

function permuteSite(
  name: string,
  part: RecipePart,
  { size, columns, rows }: RotationSite,
  n: number,
  m: number,
): readonly WeightChange[] {
  const { state } = part;
  const matrices = columns.filter((weight) => state.get(weight)!.shape.length === 2);
  for (const weight of [...columns, ...rows]) checkDense(name, weight, state.get(weight)!);
  const scores = matrices.flatMap((weight) => {
    const input = weightInput(part, weight);
    const { gram } = requiredGram(name, input);
    const values = unpack(input.tensor, part.codecs);
    const count = values.length / size;
    const step = Math.max(1, (count * matrices.length) / sampledRows);
    return Array.from({ length: Math.floor(count / step) }, (_, i) => {
      const start = Math.floor(i * step) * size;
      return Float64Array.from(
        { length: size },
        (_value, c) => values[start + c]! ** 2 * gram[c * size + c]!,
      );
    });
  });
  const order = orderForGroups(scores, size, n, m);
  const inOrder = (tensor: HostTensor): HostTensor =>
    tensor.shape.length === 1
      ? vectorInOrder(tensor, order, part)
      : selectColumns(
          tensor,
          order.map((c) => [c, c + 1] as const),
        );
  const changed = new Map<string, HostTensor>();
  for (const weight of columns) changed.set(weight, inOrder(state.get(weight)!));
  for (const weight of rows)
    changed.set(weight, permuteRows(changed.get(weight) ?? state.get(weight)!, order));
  return [...changed];
}

const vectorInOrder = (tensor: HostTensor, order: readonly number[], { codecs }: RecipePart): HostTensor => {
  const values = unpack(tensor, codecs);
  const dtype = denseDType(tensor.format);
  return packDense(
    Float32Array.from(order, (c) => values[c]!),
    tensor.shape,
    dtype === 'f16' || dtype === 'bf16' ? dtype : 'f32',
  );
};

function checkDense(name: string, weight: string, { format }: HostTensor): void {
  if (denseDType(format) !== undefined) return;
  throw new TilewrightError('bad-format', {
    subject: name,
    problem: `'${weight}' is stored as ${format.name}`,
    requirement: 'columns of dense weights change places',
    fix: 'put this step before those that prune and round',
  });
}
