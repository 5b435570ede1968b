// Changes of rows and columns that every format with rows survives, bit for bit.
import { TilewrightError } from '../contract/errors.ts';
import type { HostTensor, WeightFormat } from '../contract/weight-format.ts';
import { tensorSections } from './sections.ts';

/** From the first row to before the second. */
export type RowRange = readonly [from: number, to: number];

/**
 * One tensor whose rows are those of `tensors` in turn, in the same format, bit for bit: Q, K and V, or gate and up,
 * as one weight. A tensor of more than two axes is joined along its first.
 *
 * @throws `bad-argument` for no tensors, different formats, or different sizes beyond the first axis.
 */
export function concatRows(tensors: readonly HostTensor[]): HostTensor {
  const [first, ...others] = tensors;
  const refuse = (problem: string): never => {
    throw new TilewrightError('bad-argument', {
      subject: 'concatRows',
      problem,
      requirement: 'tensors that are joined have one format and agree in every axis but the first',
      fix: 'join only such tensors',
    });
  };
  if (first === undefined) return refuse('no tensors');
  const describe = ({ format, shape }: HostTensor): string => `${format.name} [${shape.join(', ')}]`;
  expectRows('concatRows', first.format);
  if (first.shape.length === 0) refuse(`a scalar, ${describe(first)}`);
  if (first.format.unjoined) refuse(`${describe(first)}, whose rows share something`);
  for (const other of others) {
    const fits =
      other.format.id === first.format.id &&
      other.shape.length === first.shape.length &&
      other.shape.every((size, axis) => axis === 0 || size === first.shape[axis]);
    if (!fits) refuse(`${describe(first)} with ${describe(other)}`);
  }
  const shape = [tensors.reduce((sum, tensor) => sum + tensor.shape[0]!, 0), ...first.shape.slice(1)];
  const target = first.format.sections(shape);
  const bytes = new Uint8Array(target.sizeBytes);
  const sources = tensors.map((tensor) => ({
    tensor,
    ...tensorSections('concatRows', tensor),
  }));
  target.sections.forEach((section, index) => {
    let end = section.offset;
    for (const { tensor, sections } of sources) {
      const { offset, sizeBytes } = sections[index]!;
      bytes.set(tensor.bytes.subarray(offset, offset + sizeBytes), end);
      end += sizeBytes;
    }
  });
  return { format: first.format, shape, bytes };
}

/**
 * The same matrix with its rows in another order, in the same format, bit for bit: row `i` of the result is row
 * `permutation[i]` of `tensor`.
 *
 * @throws `bad-shape` where the tensor is no matrix, `bad-argument` where `permutation` does not name each row once.
 */
export function permuteRows(tensor: HostTensor, permutation: ArrayLike<number>): HostTensor {
  const { format, shape, bytes: source } = tensor;
  expectRows('permuteRows', format);
  if (shape.length !== 2) {
    throw new TilewrightError('bad-shape', {
      subject: 'permuteRows',
      problem: `shape [${shape.join(', ')}]`,
      requirement: 'rows are permuted in matrices, [rows, columns]',
      fix: 'fold the leading axes into one',
    });
  }
  const { rows, sections, sizeBytes } = tensorSections('permuteRows', tensor);
  const order = Array.from(permutation);
  const seen = new Set(order);
  if (
    order.length !== rows ||
    seen.size !== order.length ||
    !order.every((row) => Number.isInteger(row) && row >= 0 && row < rows)
  ) {
    throw new TilewrightError('bad-argument', {
      subject: 'permuteRows',
      problem: `a permutation of ${order.length} entries, ${seen.size} different`,
      requirement: `it must name each of the rows 0 to ${rows - 1} once`,
      fix: 'name every row once',
    });
  }
  const bytes = new Uint8Array(sizeBytes);
  for (const { offset, rowBytes, shared } of sections) {
    (shared ? [0] : order).forEach((from, to) => {
      const start = offset + from * rowBytes;
      bytes.set(source.subarray(start, start + rowBytes), offset + to * rowBytes);
    });
  }
  return { format, shape, bytes };
}

/**
 * The rows of a tensor in some ranges, one range after the other, in the same format, bit for bit. Of a tensor of more than
 * two axes, slices along its first.
 *
 * @throws `bad-shape` for a scalar, `bad-argument` for a range that is not within the tensor.
 */
export function selectRows(tensor: HostTensor, ranges: readonly RowRange[]): HostTensor {
  const { format, shape, bytes: source } = tensor;
  expectRows('selectRows', format);
  const [first, ...rest] = shape;
  if (first === undefined) {
    throw new TilewrightError('bad-shape', {
      subject: 'selectRows',
      problem: 'a scalar',
      requirement: 'rows are those of the first axis',
      fix: 'give a tensor of at least one axis',
    });
  }
  checkRanges('selectRows', 'rows', ranges, first);
  const count = ranges.reduce((sum, [from, to]) => sum + to - from, 0);
  const { sections } = tensorSections('selectRows', tensor);
  const target = format.sections([count, ...rest]);
  const bytes = new Uint8Array(target.sizeBytes);
  sections.forEach(({ offset, sizeBytes, shared }, index) => {
    if (shared) {
      bytes.set(source.subarray(offset, offset + sizeBytes), target.sections[index]!.offset);
      return;
    }
    // A slice along the first axis: several rows where there are more than two axes, an element where there is one.
    const sliceBytes = first === 0 ? 0 : sizeBytes / first;
    let end = target.sections[index]!.offset;
    for (const [from, to] of ranges) {
      bytes.set(source.subarray(offset + from * sliceBytes, offset + to * sliceBytes), end);
      end += (to - from) * sliceBytes;
    }
  });
  return { format, shape: [count, ...rest], bytes };
}

/** Refuses a format whose tensors have no rows to change. */
export function expectRows(subject: string, { name, rowless }: WeightFormat): void {
  if (rowless !== true) return;
  throw new TilewrightError('bad-format', {
    subject,
    problem: `the tensor is stored as ${name}`,
    requirement: 'that format has no rows',
    fix: 'change the dense weight, and store it so afterwards',
  });
}

/** Refuses ranges that are not within `size`, and ends that are not whole numbers. */
export function checkRanges(subject: string, what: string, ranges: readonly RowRange[], size: number): void {
  const bad = ranges.find(
    ([from, to]) =>
      !(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= size),
  );
  if (bad === undefined) return;
  throw new TilewrightError('bad-argument', {
    subject,
    problem: `the range ${bad[0]} to ${bad[1]}`,
    requirement: `there are ${size} ${what}, and a range goes from one to before another`,
    fix: 'give ranges within the tensor',
  });
}
