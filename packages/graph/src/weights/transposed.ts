import { type HostTensor, TilewrightError } from '@tilewright/kernels';
import { denseDType, dtypeBytes } from '@tilewright/kernels/weights/dense';

/**
 * Rows for columns of a dense matrix, each number as it is stored; `subject` is the weight's name, for errors. Throws `bad-format` for other
 * formats.
 */
export function transposedMatrix({ format, shape, bytes }: HostTensor, subject: string): HostTensor {
  const dtype = denseDType(format);
  if (dtype === undefined)
    throw new TilewrightError('bad-format', {
      subject,
      problem: `the weight is stored as ${format.name} [${shape.join(', ')}]`,
      requirement:
        'a product reads it by its columns, and only dense weights change rows for columns exactly',
      fix: 'store the transpose, [outputs, inputs], in this format',
    });
  const size = dtypeBytes(dtype);
  const [rows, columns] = shape as [number, number];
  const target = new Uint8Array(bytes.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const from = (row * columns + column) * size;
      const to = (column * rows + row) * size;
      for (let i = 0; i < size; i++) target[to + i] = bytes[from + i]!;
    }
  return { format, shape: [columns, rows], bytes: target };
}
