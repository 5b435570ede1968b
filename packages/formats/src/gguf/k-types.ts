// The K types: scales of scales, a half for each 256 elements.
import { integer } from '@tilewright/kernels/weights/integer';
import { type BlockReader, type BlockType, blockType, readPlanes } from './block-type.ts';

export const q2_k: BlockType = /* @__PURE__ */ blockType(
  { name: 'Q2_K', id: 10, elements: 256, bytes: 84 },
  () => integer({ bits: 2, group: 16, nested: { outer: 16, inner: 4, minimum: true } }),
  ({ block, codes, add }) => {
    add('scales', block.subarray(0, 16));
    readPlanes(block.subarray(16, 80), codes);
    add('outer scales', block.subarray(80));
  },
);

export const q3_k: BlockType = /* @__PURE__ */ blockType(
  { name: 'Q3_K', id: 11, elements: 256, bytes: 110 },
  () => integer({ bits: 3, group: 16, nested: { outer: 16 } }),
  ({ block, codes, add }) => {
    readPlanes(block.subarray(32, 96), codes);
    // Element 128n + 32j + l has its high bit at 4n + j of byte l.
    for (let i = 0; i < 256; i++) codes[i]! |= ((block[i & 31]! >> (4 * (i >> 7) + ((i >> 5) & 3))) & 1) << 2;
    const bytes = block.subarray(96, 108);
    const scales = Array.from({ length: 16 }, (_, k) => {
      const low = k < 8 ? bytes[k]! & 15 : bytes[k - 8]! >> 4;
      return (low | (((bytes[8 + (k & 3)]! >> (2 * (k >> 2))) & 3) << 4)) - 32;
    });
    add('scales', Int8Array.from(scales));
    add('outer scales', block.subarray(108));
  },
);

/** Six bits of a scale and of a minimum for each of eight groups, in twelve bytes. */
function sixBits({ add }: BlockReader, x: Uint8Array): void {
  const scales = new Uint8Array(8);
  const minimums = new Uint8Array(8);
  for (let g = 0; g < 4; g++) {
    scales[g] = x[g]! & 63;
    minimums[g] = x[g + 4]! & 63;
    scales[g + 4] = (x[g + 8]! & 15) | ((x[g]! >> 6) << 4);
    minimums[g + 4] = (x[g + 8]! >> 4) | ((x[g + 4]! >> 6) << 4);
  }
  add('scales', scales);
  add('minimums', minimums);
}

/** Two groups of 32 in the nibbles of 32 bytes. */
function groupNibbles(bytes: Uint8Array, codes: Uint8Array): void {
  for (let i = 0; i < 256; i++) {
    const byte = bytes[32 * (i >> 6) + (i & 31)]!;
    codes[i] = i & 32 ? byte >> 4 : byte & 15;
  }
}

export const q4_k: BlockType = /* @__PURE__ */ blockType(
  { name: 'Q4_K', id: 12, elements: 256, bytes: 144 },
  () => integer({ bits: 4, group: 32, nested: { outer: 8, minimum: true } }),
  (reader) => {
    const { block, codes, add } = reader;
    add('outer scales', block.subarray(0, 4));
    sixBits(reader, block.subarray(4, 16));
    groupNibbles(block.subarray(16), codes);
  },
);

export const q5_k: BlockType = /* @__PURE__ */ blockType(
  { name: 'Q5_K', id: 13, elements: 256, bytes: 176 },
  () => integer({ bits: 5, group: 32, nested: { outer: 8, minimum: true } }),
  (reader) => {
    const { block, codes, add } = reader;
    add('outer scales', block.subarray(0, 4));
    sixBits(reader, block.subarray(4, 16));
    groupNibbles(block.subarray(48), codes);
    for (let i = 0; i < 256; i++) codes[i]! |= ((block[16 + (i & 31)]! >> (i >> 5)) & 1) << 4;
  },
);

export const q6_k: BlockType = /* @__PURE__ */ blockType(
  { name: 'Q6_K', id: 14, elements: 256, bytes: 210 },
  () => integer({ bits: 6, group: 16, nested: { outer: 16 } }),
  ({ block, codes, add }) => {
    for (let i = 0; i < 256; i++) {
      const [n, j, l] = [i >> 7, (i >> 5) & 3, i & 31];
      const byte = block[64 * n + 32 * (j & 1) + l]!;
      codes[i] = j < 2 ? byte & 15 : byte >> 4;
    }
    readPlanes(block.subarray(128, 192), codes, 4);
    add('scales', block.subarray(192, 208));
    add('outer scales', block.subarray(208));
  },
);
