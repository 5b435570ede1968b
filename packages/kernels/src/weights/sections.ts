import { TilewrightError } from '../contract/errors.ts';
import { roundUp } from '../contract/extent.ts';
import type {
  FormatSections,
  HostTensor,
  Section,
  SectionSize,
  WeightFormat,
} from '../contract/weight-format.ts';

/**
 * Sections one after the other, each starting at a multiple of 16 bytes; the whole takes a multiple of 16 bytes too (bytes
 * between are zero).
 */
export function packedSections(
  { rows, columns }: { readonly rows: number; readonly columns: number },
  sizes: readonly SectionSize[],
): FormatSections {
  let end = 0;
  const sections = sizes.map((size): Section => {
    const offset = end;
    const sizeBytes = (size.shared ? 1 : rows) * size.rowBytes;
    end = roundUp(offset + sizeBytes, 16);
    return { ...size, offset, sizeBytes };
  });
  return { rows, columns, sections, sizeBytes: end };
}

/** A section that the format surely has. */
export function sectionNamed(sections: readonly Section[], name: string): Section {
  const section = sections.find((each) => each.name === name);
  if (section !== undefined) return section;
  throw new TilewrightError('invariant', {
    subject: 'sectionNamed',
    problem: `there is no section '${name}'`,
  });
}

/** Rows and columns of a shape. Throws `bad-shape` for sizes that are none. */
export function rowsAndColumns(
  name: string,
  shape: readonly number[],
): { readonly rows: number; readonly columns: number } {
  const refuse = (requirement: string, fix: string): never => {
    throw new TilewrightError('bad-shape', {
      subject: `format ${name}`,
      problem: `shape [${shape.join(', ')}]`,
      requirement,
      fix,
    });
  };
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0))
    refuse('sizes are whole numbers from 0', 'give such sizes');
  const columns = shape.at(-1) ?? 1;
  const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  // 64 bits is more than any format takes for an element.
  if (!Number.isSafeInteger(rows * columns * 64))
    refuse('sizes multiply to a safe integer', 'split the tensor');
  return { rows, columns };
}

/** The same for formats that hold matrices only. */
export function matrixShape(
  name: string,
  shape: readonly number[],
): { readonly rows: number; readonly columns: number } {
  const size = rowsAndColumns(name, shape);
  if (shape.length === 2) return size;
  throw new TilewrightError('bad-shape', {
    subject: `format ${name}`,
    problem: `shape [${shape.join(', ')}]`,
    requirement: 'packed formats hold matrices, [rows, columns]',
    fix: 'fold the leading axes into one',
  });
}

/** Bytes of a tensor of `shape`. Throws `bad-shape` for one that the format cannot have. */
export const formatBytes = (format: WeightFormat, shape: readonly number[]): number =>
  format.sections(shape).sizeBytes;

/** Stored bits, with scales, positions and padding, for each number of the logical shape; 0 for an empty tensor. */
export function bitsPerWeight(tensor: HostTensor): number {
  const count = tensor.shape.reduce((product, size) => product * size, 1);
  return count === 0 ? 0 : (8 * tensor.bytes.byteLength) / count;
}

/** The sections of a tensor at hand; also `bad-argument` where its bytes are not as many as its format takes. */
export function tensorSections(subject: string, { format, shape, bytes }: HostTensor): FormatSections {
  const sections = format.sections(shape);
  if (bytes.byteLength === sections.sizeBytes) return sections;
  throw new TilewrightError('bad-argument', {
    subject,
    problem: `the tensor has ${bytes.byteLength} bytes`,
    requirement: `${format.name} of shape [${shape.join(', ')}] takes ${sections.sizeBytes}`,
    fix: 'read or pack the tensor again',
  });
}

/** The tensor's bytes at an address where views of 8-byte elements may start; a copy only where they are not. */
export function alignedBytes({ bytes }: HostTensor): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = bytes;
  if (byteOffset % 8 !== 0 || !(buffer instanceof ArrayBuffer)) return new Uint8Array(bytes);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Refuses a number of elements that is not the shape's. */
export function expectLength(subject: string, what: string, got: number, want: number): void {
  if (got === want) return;
  throw new TilewrightError('bad-argument', {
    subject,
    problem: `${got} ${what}`,
    requirement: `the shape takes ${want}`,
    fix: `give as many`,
  });
}
