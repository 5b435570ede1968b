import { TilewrightError } from '@tilewright/kernels';
import { type GroupedFormat, type HostTensor, packGrouped } from '@tilewright/kernels/weights';

/**
 * How GGUF stores runs of a row's elements, and what becomes of them: a tensor in a format that kernels read, of the same numbers to
 * the bit. Source of the layouts: llama.cpp, ggml-common.h and ggml-quants.c (MIT, https://github.com/ggml-org/llama.cpp).
 */
export interface BlockType {
  /** As llama.cpp calls it: `Q4_K`. */
  readonly name: string;
  /** Its number in files. */
  readonly id: number;
  /** Elements of a block, and its bytes; rows are whole blocks. */
  readonly elements: number;
  readonly bytes: number;
  /** The tensor of these blocks, row-major `[rows, columns]`. Throws `bad-shape` and `bad-argument` where they do not fit. */
  repack(bytes: Uint8Array, shape: readonly number[]): HostTensor;
}

/** One block, and where its parts go. */
export interface BlockReader {
  /** The block's bytes. */
  readonly block: Uint8Array;
  /** The codes of its elements, to be filled in. */
  readonly codes: Uint8Array;
  /** Adds bytes to a section of the format. */
  add(section: string, bytes: ArrayLike<number>): void;
}

type Layout = Pick<BlockType, 'name' | 'id' | 'elements' | 'bytes'>;

/** A type whose blocks are taken apart one by one. */
export const blockType = (
  layout: Layout,
  format: () => GroupedFormat,
  read: (reader: BlockReader) => void,
  shared: Readonly<Record<string, Uint8Array>> = {},
): BlockType => ({
  ...layout,
  repack(bytes, shape) {
    const { elements, bytes: size, name } = layout;
    const blocks = blocksOf(layout, bytes, shape);
    const codes = new Uint8Array(blocks * elements);
    const sections = new Map<string, number[]>();
    for (let i = 0; i < blocks; i++)
      read({
        block: bytes.subarray(i * size, (i + 1) * size),
        codes: codes.subarray(i * elements, (i + 1) * elements),
        add: (section, values) => {
          const list = sections.get(section) ?? [];
          if (list.length === 0) sections.set(section, list);
          for (let j = 0; j < values.length; j++) list.push(values[j]!);
        },
      });
    const stored = [...sections].map(([section, values]) => [section, Uint8Array.from(values)]);
    return packGrouped(
      name,
      { codes, sections: { ...Object.fromEntries(stored), ...shared } },
      shape,
      format(),
    );
  },
});

/** How many blocks a matrix has. Throws `bad-shape` and `bad-argument` where bytes and shape do not fit. */
export function blocksOf(
  { name, elements, bytes: size }: Layout,
  bytes: Uint8Array,
  shape: readonly number[],
): number {
  const [rows, columns] = shape;
  if (shape.length !== 2 || columns! % elements !== 0)
    throw new TilewrightError('bad-shape', {
      subject: name,
      problem: `shape [${shape.join(', ')}]`,
      requirement: `rows are whole blocks of ${elements}`,
      fix: 'give the shape [rows, columns] that the file says',
    });
  const blocks = (rows! * columns!) / elements;
  if (bytes.length === blocks * size) return blocks;
  throw new TilewrightError('bad-argument', {
    subject: name,
    problem: `${bytes.length} bytes`,
    requirement: `shape [${shape.join(', ')}] takes ${blocks * size}`,
    fix: 'read the tensor again',
  });
}

/** Codes in halves: element i below n is the low nibble of byte i, element n + i the high one. */
export function readHalves(bytes: Uint8Array, codes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) {
    codes[i] = bytes[i]! & 15;
    codes[bytes.length + i] = bytes[i]! >> 4;
  }
}

/** Codes of two bits in planes: element 128n + 32j + l has its bits at 2j of byte 32n + l. */
export function readPlanes(bytes: Uint8Array, codes: Uint8Array, shift = 0): void {
  for (let i = 0; i < codes.length; i++) {
    const [n, j, l] = [i >> 7, (i >> 5) & 3, i & 31];
    codes[i]! |= ((bytes[32 * n + l]! >> (2 * j)) & 3) << shift;
  }
}

export const u16 = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8);
export const u32 = (bytes: Uint8Array, at: number): number =>
  (u16(bytes, at) | (u16(bytes, at + 2) << 16)) >>> 0;
