import { TilewrightError } from '../contract/errors.ts';
import { layoutName, type HostTensor } from '../contract/layout.ts';
import { layoutSections, tensorSections } from './sections.ts';

const sectionNames = ['values', 'positions', 'scales', 'zeroPoints'] as const;

/**
 * One tensor whose rows are those of `tensors` in turn, in the same layout, bit for bit: Q, K and V, or gate and up,
 * as one weight. A tensor of more than two axes is joined along its first.
 *
 * @throws `bad-argument` for no tensors, different layouts, or different sizes beyond the first axis.
 */
export function concatRows(tensors: readonly HostTensor[]): HostTensor {
  const [first, ...others] = tensors;
  const refuse = (problem: string): never => {
    throw new TilewrightError('bad-argument', {
      subject: 'concatRows',
      problem,
      requirement: 'tensors that are joined have one layout and agree in every axis but the first',
    });
  };
  if (first === undefined) return refuse('no tensors');
  const describe = (tensor: HostTensor): string =>
    `${layoutName(tensor.layout)} [${tensor.shape.join(', ')}]`;
  if (first.shape.length === 0) refuse(`a scalar, ${describe(first)}`);
  for (const other of others) {
    const fits =
      describe({ ...other, shape: [0, ...other.shape.slice(1)] }) ===
      describe({ ...first, shape: [0, ...first.shape.slice(1)] });
    if (!fits || other.shape.length === 0) refuse(`${describe(first)} with ${describe(other)}`);
  }
  const shape = [tensors.reduce((sum, tensor) => sum + tensor.shape[0]!, 0), ...first.shape.slice(1)];
  const target = layoutSections(first.layout, shape);
  const bytes = new Uint8Array(target.sizeBytes);
  const sources = tensors.map((tensor) => ({ tensor, sections: tensorSections('concatRows', tensor) }));
  for (const name of sectionNames) {
    let end = target[name]?.offset ?? 0;
    for (const { tensor, sections } of sources) {
      const section = sections[name];
      if (section === undefined) continue;
      bytes.set(tensor.bytes.subarray(section.offset, section.offset + section.sizeBytes), end);
      end += section.sizeBytes;
    }
  }
  return { layout: first.layout, shape, bytes };
}

/**
 * The same matrix with its rows in another order, in the same layout, bit for bit: row `i` of the result is row
 * `permutation[i]` of `tensor`.
 *
 * @throws `bad-shape` where the tensor is no matrix, `bad-argument` where `permutation` does not name each row once.
 */
export function permuteRows(tensor: HostTensor, permutation: ArrayLike<number>): HostTensor {
  if (tensor.shape.length !== 2) {
    throw new TilewrightError('bad-shape', {
      subject: 'permuteRows',
      problem: `shape [${tensor.shape.join(', ')}]`,
      requirement: 'rows are permuted in matrices, [rows, columns]',
    });
  }
  const sections = tensorSections('permuteRows', tensor);
  const order = Array.from(permutation);
  const seen = new Set(order);
  if (
    order.length !== sections.rows ||
    seen.size !== order.length ||
    !order.every((row) => Number.isInteger(row) && row >= 0 && row < sections.rows)
  ) {
    throw new TilewrightError('bad-argument', {
      subject: 'permuteRows',
      problem: `a permutation of ${order.length} entries, ${seen.size} different`,
      requirement: `it must name each of the rows 0 to ${sections.rows - 1} once`,
    });
  }
  const bytes = new Uint8Array(sections.sizeBytes);
  for (const name of sectionNames) {
    const section = sections[name];
    if (section === undefined) continue;
    const { offset, rowBytes } = section;
    order.forEach((from, to) => {
      const start = offset + from * rowBytes;
      bytes.set(tensor.bytes.subarray(start, start + rowBytes), offset + to * rowBytes);
    });
  }
  return { layout: tensor.layout, shape: tensor.shape, bytes };
}
