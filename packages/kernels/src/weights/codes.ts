// The order of codes within u32 words, in runs of 32 columns of a row, such that masks give vectors of four neighbouring
// columns:
// - 8 bits: byte `j` of word `w` is column `4w + j`.
// - 4 bits: of word `w`, the low nibble of byte `j` is column `8w + j` and the high nibble column `8w + 4 + j`, so
//   `w & 0x0f0f0f0f` and `(w >> 4) & 0x0f0f0f0f` are two vectors.
// - 3 bits: three words. Words 0 and 1 hold the low two bits: of word `i`, the two bits at `8·j + 2·s` are column
//   `16·i + 4·s + j`. Word 2 holds the high bit: the bit at `8·j + s` is column `4·s + j`. Again `(word >> 2s) & 0x03030303` and
//   `(word2 >> s) & 0x01010101` are vectors.

/** Writes `codes` (a multiple of 32, or of 8 at 4 bits and of 4 at 8) to `words` from `offset` on. */
export function writeCodes(bits: 3 | 4 | 8, codes: Uint8Array, words: Uint32Array, offset: number): void {
  if (bits === 8) {
    new Uint8Array(words.buffer, words.byteOffset + 4 * offset, codes.length).set(codes);
    return;
  }
  if (bits === 4) {
    for (let i = 0; i < codes.length; i++) {
      const w = offset + (i >> 3);
      words[w] = words[w]! | (codes[i]! << shift4(i));
    }
    return;
  }
  for (let i = 0; i < codes.length; i++) {
    const base = offset + 3 * (i >> 5);
    const column = i & 31;
    const low = base + (column >> 4);
    words[low] = words[low]! | ((codes[i]! & 3) << shift3Low(column));
    words[base + 2] = words[base + 2]! | ((codes[i]! >> 2) << shift3High(column));
  }
}

/** Reads `codes.length` codes from `words` at `offset`; the inverse of {@link writeCodes}. */
export function readCodes(bits: 3 | 4 | 8, words: Uint32Array, offset: number, codes: Uint8Array): void {
  if (bits === 8) {
    codes.set(new Uint8Array(words.buffer, words.byteOffset + 4 * offset, codes.length));
    return;
  }
  if (bits === 4) {
    for (let i = 0; i < codes.length; i++) codes[i] = (words[offset + (i >> 3)]! >>> shift4(i)) & 15;
    return;
  }
  for (let i = 0; i < codes.length; i++) {
    const base = offset + 3 * (i >> 5);
    const column = i & 31;
    const low = (words[base + (column >> 4)]! >>> shift3Low(column)) & 3;
    codes[i] = low | (((words[base + 2]! >>> shift3High(column)) & 1) << 2);
  }
}

/** Column `8w + j` is the low nibble of byte `j`, column `8w + 4 + j` the high one. */
const shift4 = (column: number): number => 8 * (column & 3) + (column & 4);
/** Column `16i + 4s + j` is at bit `8j + 2s`. */
const shift3Low = (column: number): number => 8 * (column & 3) + 2 * ((column >> 2) & 3);
/** Column `4s + j` is at bit `8j + s`. */
const shift3High = (column: number): number => 8 * (column & 3) + (column >> 2);
