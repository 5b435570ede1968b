import { checkHost } from './check-host.ts';
import { TilewrightError } from '../contract/errors.ts';
import type { HostTensor } from '../contract/weight-format.ts';
import { checkRanges, expectRows, type RowRange } from './rows.ts';
import { tensorSections } from './sections.ts';

/**
 * The columns of a matrix in some ranges, one range after the other, in the same format, bit for bit: neurons that are left,
 * input channels in another order. Ranges begin and end at multiples of the format's `columnBlock`; one may end with the
 * matrix instead, and is the last one then.
 *
 * @throws `bad-shape` where the tensor is not a matrix, `bad-argument` for other ranges.
 */
export function selectColumns(tensor: HostTensor, ranges: readonly RowRange[]): HostTensor {
  checkHost('selectColumns', { tensor, ranges });
  const { format, shape, bytes: source } = tensor;
  expectRows('selectColumns', format);
  const [rows, columns] = shape;
  if (rows === undefined || columns === undefined || shape.length !== 2) {
    throw new TilewrightError('bad-shape', {
      subject: 'selectColumns',
      problem: `shape [${shape.join(', ')}]`,
      requirement: 'columns are selected in matrices, [rows, columns]',
      fix: 'fold the leading axes into one',
    });
  }
  checkRanges('selectColumns', 'columns', ranges, columns);
  const block = format.columnBlock;
  ranges.forEach(([from, to], i) => {
    const endsWhole = to % block === 0 || (to === columns && i === ranges.length - 1);
    if (from % block === 0 && endsWhole) return;
    throw new TilewrightError('bad-argument', {
      subject: 'selectColumns',
      problem: `the range ${from} to ${to}`,
      requirement: `${format.name} holds columns in blocks of ${block}, which stay whole`,
      fix: `begin and end ranges at multiples of ${block}`,
    });
  });
  const count = ranges.reduce((sum, [from, to]) => sum + to - from, 0);
  const { sections } = tensorSections('selectColumns', tensor);
  const target = format.sections([rows, count]);
  const bytes = new Uint8Array(target.sizeBytes);
  sections.forEach(({ offset, rowBytes, blockBytes, shared }, index) => {
    const to = target.sections[index]!;
    for (let row = 0; row < (shared ? 1 : rows); row++) {
      let end = to.offset + row * to.rowBytes;
      const rowEnd = offset + (row + 1) * rowBytes;
      if (blockBytes === 0) {
        bytes.set(source.subarray(rowEnd - rowBytes, rowEnd), end);
        continue;
      }
      for (const [first, last] of ranges) {
        const start = offset + row * rowBytes + (first / block) * blockBytes;
        // The last block of a row may be stored in part.
        const stop = Math.min(rowEnd, start + Math.ceil((last - first) / block) * blockBytes);
        bytes.set(source.subarray(start, stop), end);
        end += stop - start;
      }
    }
  });
  return { format, shape: [rows, count], bytes };
}
