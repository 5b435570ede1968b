import { describe, expect, test } from 'vitest';
import { packDense } from './dense/index.ts';
import { concatRows, permuteRows, selectColumns, selectRows } from './index.ts';

describe('refusals', () => {
  const one = Float32Array.of(1);
  const joined =
    'tensors that are joined have one format and agree in every axis but the first. Fix: join only such tensors.';
  const cases: [string, () => unknown, string][] = [
    ['joining nothing', () => concatRows([]), `[concatRows] no tensors; ${joined}`],
    [
      'joining scalars',
      () => concatRows([packDense(one, [], 'f32')]),
      `[concatRows] a scalar, f32 []; ${joined}`,
    ],
    [
      'joining formats',
      () => concatRows([packDense(one, [1], 'f32'), packDense(one, [1], 'f16')]),
      `[concatRows] f32 [1] with f16 [1]; ${joined}`,
    ],
    [
      'joining widths',
      () => concatRows([packDense(one, [1, 1], 'f32'), packDense(new Float32Array(2), [1, 2], 'f32')]),
      `[concatRows] f32 [1, 1] with f32 [1, 2]; ${joined}`,
    ],
    [
      'permuting a vector',
      () => permuteRows(packDense(one, [1], 'f32'), [0]),
      '[permuteRows] shape [1]; rows are permuted in matrices, [rows, columns]. Fix: fold the leading axes into one.',
    ],
    [
      'a row named twice',
      () => permuteRows(packDense(new Float32Array(2), [2, 1], 'f32'), [0, 0]),
      '[permuteRows] a permutation of 2 entries, 1 different; it must name each of the rows 0 to 1 once. Fix: name every row once.',
    ],
    [
      'a row that is not there',
      () => permuteRows(packDense(new Float32Array(2), [2, 1], 'f32'), [0, 2]),
      '[permuteRows] a permutation of 2 entries, 2 different; it must name each of the rows 0 to 1 once. Fix: name every row once.',
    ],
    [
      'rows of a scalar',
      () => selectRows(packDense(one, [], 'f32'), []),
      '[selectRows] a scalar; rows are those of the first axis. Fix: give a tensor of at least one axis.',
    ],
    [
      'rows beyond the end',
      () => selectRows(packDense(new Float32Array(2), [2, 1], 'f32'), [[1, 3]]),
      '[selectRows] the range 1 to 3; there are 2 rows, and a range goes from one to before another. Fix: give ranges within the tensor.',
    ],
    [
      'columns of a vector',
      () => selectColumns(packDense(one, [1], 'f32'), []),
      '[selectColumns] shape [1]; columns are selected in matrices, [rows, columns]. Fix: fold the leading axes into one.',
    ],
    [
      'columns backwards',
      () => selectColumns(packDense(new Float32Array(2), [1, 2], 'f32'), [[2, 1]]),
      '[selectColumns] the range 2 to 1; there are 2 columns, and a range goes from one to before another. Fix: give ranges within the tensor.',
    ],
  ];
  test.each(cases)('%s', (_, act, message) => {
    expect(act).toThrow(expect.objectContaining({ message }));
  });
});
