// The order of codes within u32 words, in runs of 32 columns of a row, such that masks give vectors of four neighbouring
// columns, a byte each. Codes of 1, 2, 4 and 8 bits are a plane of fields; the others are two planes, the low bits first:
// 3 = 2 + 1, 5 = 4 + 1, 6 = 4 + 2. A plane of `p` bits is `p` words of a run, each of `32 / p` columns, which is `8 / p` quads:
// of its word `w`, the field at bit `8·j + p·s` is column `(32 / p)·w + 4·s + j`. So `(word >> p·s) & mask` is quad `s`, with
// a mask of `p` ones in each byte.

/** Widths that codes can have. */
export type CodeBits = 1 | 2 | 3 | 4 | 5 | 6 | 8;

/** The widths of the planes of a code, low bits first. */
const planes: Readonly<Record<CodeBits, readonly number[]>> = {
  1: [1],
  2: [2],
  3: [2, 1],
  4: [4],
  5: [4, 1],
  6: [4, 2],
  8: [8],
};

/** Calls `field` for each field of a run of codes: its word behind `offset`, its bit, its code, and where in the code it is. */
function eachField(
  bits: CodeBits,
  count: number,
  field: (word: number, bit: number, index: number, shift: number, mask: number) => void,
): void {
  let before = 0;
  for (const width of planes[bits]) {
    const columns = 32 / width;
    for (let i = 0; i < count; i++) {
      const column = i & 31;
      const word = bits * (i >> 5) + before + Math.floor(column / columns);
      const quad = (column >> 2) % (8 / width);
      field(word, 8 * (column & 3) + width * quad, i, before, 2 ** width - 1);
    }
    before += width;
  }
}

/** Writes `codes` (a multiple of 32, or of 8 at 4 bits and of 4 at 8) to zeroed `words` from `offset` on. */
export function writeCodes(bits: CodeBits, codes: Uint8Array, words: Uint32Array, offset: number): void {
  if (bits === 8) {
    new Uint8Array(words.buffer, words.byteOffset + 4 * offset, codes.length).set(codes);
    return;
  }
  eachField(bits, codes.length, (word, bit, i, shift, mask) => {
    words[offset + word]! |= ((codes[i]! >> shift) & mask) << bit;
  });
}

/** Reads `codes.length` codes from `words` at `offset`; the inverse of {@link writeCodes}. */
export function readCodes(bits: CodeBits, words: Uint32Array, offset: number, codes: Uint8Array): void {
  if (bits === 8) {
    codes.set(new Uint8Array(words.buffer, words.byteOffset + 4 * offset, codes.length));
    return;
  }
  codes.fill(0);
  eachField(bits, codes.length, (word, bit, i, shift, mask) => {
    codes[i]! |= ((words[offset + word]! >>> bit) & mask) << shift;
  });
}
