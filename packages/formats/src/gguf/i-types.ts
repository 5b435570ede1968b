// The I types: elements in fours or eights are entries of a codebook. Here each element is a code into the few numbers that entries
// are made of, with a table of the tensor's own: larger (3 or 4 bits an element for 1.6 to 3.4), and read by every product.
import { codebook } from '@tilewright/kernels/weights/codebook';
import { type BlockReader, type BlockType, blockType, readHalves, u16, u32 } from './block-type.ts';
import { type Grid, iq1Grid, iq2SGrid, iq2XsGrid, iq2XxsGrid, iq3SGrid, iq3XxsGrid } from './grids.ts';
import { bytesOf } from './plain-types.ts';

const nonLinear = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

export const iq4_nl: BlockType = /* @__PURE__ */ blockType(
  { name: 'IQ4_NL', id: 20, elements: 32, bytes: 18 },
  () => codebook({ bits: 4, group: 32, scale: 'f16' }),
  ({ block, codes, add }) => {
    add('scales', block.subarray(0, 2));
    readHalves(block.subarray(2), codes);
  },
  { numbers: /* @__PURE__ */ bytesOf(nonLinear) },
);

export const iq4_xs: BlockType = /* @__PURE__ */ blockType(
  { name: 'IQ4_XS', id: 23, elements: 256, bytes: 136 },
  () => codebook({ bits: 4, group: 32, outer: 8 }),
  ({ block, codes, add }) => {
    add('outer scales', block.subarray(0, 2));
    const high = u16(block, 2);
    const scales = Array.from({ length: 8 }, (_, g) => {
      const low = (block[4 + (g >> 1)]! >> (4 * (g & 1))) & 15;
      return (low | (((high >> (2 * g)) & 3) << 4)) - 32;
    });
    add('scales', Int8Array.from(scales));
    for (let g = 0; g < 8; g++)
      readHalves(block.subarray(8 + 16 * g, 24 + 16 * g), codes.subarray(32 * g, 32 * g + 32));
  },
  { numbers: /* @__PURE__ */ bytesOf(nonLinear) },
);

/** The places of an entry's numbers in the levels. */
function entryReader(grid: Grid): (entry: number, element: number) => number {
  let bytes: Uint8Array | undefined;
  return (entry, element) => {
    bytes ??= Uint8Array.from(atob(grid.entries), (letter) => letter.charCodeAt(0));
    return (u16(bytes, 2 * entry) >> (grid.bits * element)) & (2 ** grid.bits - 1);
  };
}

/** Seven signs, and an eighth that makes the number of negations even. */
function eightSigns(seven: number): number {
  let odd = 0;
  for (let j = 0; j < 7; j++) odd ^= (seven >> j) & 1;
  return seven | (odd << 7);
}

/** Of a grid's numbers with either sign: codes are places, with a bit for the sign above them; `unit` is what numbers are times. */
function signedType(
  layout: { readonly name: string; readonly id: number; readonly bytes: number },
  grid: Grid,
  unit: number,
  group: 16 | 32,
  read: (reader: BlockReader, put: (first: number, entry: number, signs: number) => void) => void,
): BlockType {
  const bits = grid.bits + 1;
  const signBit = 2 ** grid.bits;
  const sizes = Array.from({ length: signBit }, (_, i) => (grid.levels[i] ?? 0) * unit);
  const place = entryReader(grid);
  return blockType(
    { ...layout, elements: 256 },
    () => codebook({ bits: bits as 3 | 4, group, outer: 256 / group }),
    (reader) =>
      read(reader, (first, entry, signs) => {
        for (let j = 0; j < grid.length; j++)
          reader.codes[first + j] = place(entry, j) + ((signs >> j) & 1 ? signBit : 0);
      }),
    { numbers: bytesOf([...sizes, ...sizes.map((size) => 0 - size)]) },
  );
}

/** Odd inner scales: 2s + 1. */
const odd = (s: number): number => 2 * s + 1;
/** The nibbles of bytes, low first, as odd scales. */
const oddNibbles = (bytes: Uint8Array): number[] =>
  [...bytes].flatMap((byte) => [odd(byte & 15), odd(byte >> 4)]);

// (d · (½ + s)) · ¼ · g is d · (2s + 1) · (g / 8), and every product is exact in f32.
export const iq2_xxs: BlockType = /* @__PURE__ */ signedType(
  { name: 'IQ2_XXS', id: 16, bytes: 66 },
  iq2XxsGrid,
  1 / 8,
  32,
  ({ block, add }, put) => {
    add('outer scales', block.subarray(0, 2));
    for (let g = 0; g < 8; g++) {
      const word = u32(block, 6 + 8 * g);
      add('scales', [odd(word >>> 28)]);
      for (let l = 0; l < 4; l++)
        put(32 * g + 8 * l, block[2 + 8 * g + l]!, eightSigns((word >>> (7 * l)) & 127));
    }
  },
);

export const iq2_xs: BlockType = /* @__PURE__ */ signedType(
  { name: 'IQ2_XS', id: 17, bytes: 74 },
  iq2XsGrid,
  1 / 8,
  16,
  ({ block, add }, put) => {
    add('outer scales', block.subarray(0, 2));
    add('scales', oddNibbles(block.subarray(66)));
    for (let i = 0; i < 32; i++) {
      const index = u16(block, 2 + 2 * i);
      put(8 * i, index & 511, eightSigns(index >> 9));
    }
  },
);

export const iq2_s: BlockType = /* @__PURE__ */ signedType(
  { name: 'IQ2_S', id: 22, bytes: 82 },
  iq2SGrid,
  1 / 8,
  16,
  ({ block, add }, put) => {
    add('outer scales', block.subarray(0, 2));
    add('scales', oddNibbles(block.subarray(74)));
    for (let i = 0; i < 32; i++) {
      const high = (block[66 + (i >> 2)]! >> (2 * (i & 3))) & 3;
      put(8 * i, block[2 + i]! | (high << 8), block[34 + i]!);
    }
  },
);

export const iq3_xxs: BlockType = /* @__PURE__ */ signedType(
  { name: 'IQ3_XXS', id: 18, bytes: 98 },
  iq3XxsGrid,
  1 / 4,
  32,
  ({ block, add }, put) => {
    add('outer scales', block.subarray(0, 2));
    for (let g = 0; g < 8; g++) {
      const word = u32(block, 66 + 4 * g);
      add('scales', [odd(word >>> 28)]);
      for (let l = 0; l < 8; l++) {
        const signs = eightSigns((word >>> (7 * (l >> 1))) & 127);
        put(32 * g + 4 * l, block[2 + 8 * g + l]!, signs >> (4 * (l & 1)));
      }
    }
  },
);

export const iq3_s: BlockType = /* @__PURE__ */ signedType(
  { name: 'IQ3_S', id: 21, bytes: 110 },
  iq3SGrid,
  1,
  32,
  ({ block, add }, put) => {
    add('outer scales', block.subarray(0, 2));
    add('scales', oddNibbles(block.subarray(106)));
    for (let i = 0; i < 64; i++) {
      const high = (block[66 + (i >> 3)]! >> (i & 7)) & 1;
      put(4 * i, block[2 + i]! | (high << 8), block[74 + (i >> 1)]! >> (4 * (i & 1)));
    }
  },
);

/** -1, 0 and 1, each less or more an eighth. */
const shifted = [-1, 0, 1, 0].flatMap((value) => [value + 1 / 8, value - 1 / 8]);
const iq1Place = /* @__PURE__ */ entryReader(iq1Grid);

function putShifted(codes: Uint8Array, first: number, entry: number, isLess: number): void {
  for (let j = 0; j < 8; j++) codes[first + j] = 2 * iq1Place(entry, j) + isLess;
}

export const iq1_s: BlockType = /* @__PURE__ */ blockType(
  { name: 'IQ1_S', id: 19, elements: 256, bytes: 50 },
  () => codebook({ bits: 3, group: 32, outer: 8 }),
  ({ block, codes, add }) => {
    add('outer scales', block.subarray(0, 2));
    for (let g = 0; g < 8; g++) {
      const high = u16(block, 34 + 2 * g);
      add('scales', [odd((high >> 12) & 7)]);
      for (let l = 0; l < 4; l++) {
        const entry = block[2 + 4 * g + l]! | (((high >> (3 * l)) & 7) << 8);
        putShifted(codes, 32 * g + 8 * l, entry, high >> 15);
      }
    }
  },
  { numbers: /* @__PURE__ */ bytesOf(shifted) },
);

export const iq1_m: BlockType = /* @__PURE__ */ blockType(
  { name: 'IQ1_M', id: 29, elements: 256, bytes: 56 },
  () => codebook({ bits: 3, group: 16, outer: 16 }),
  ({ block, codes, add }) => {
    const words = [0, 1, 2, 3].map((i) => u16(block, 48 + 2 * i));
    const half = words.reduce((sum, word, i) => sum | ((word >> 12) << (4 * i)), 0);
    add('outer scales', [half & 255, half >> 8]);
    add(
      'scales',
      words.flatMap((word) => [0, 1, 2, 3].map((i) => odd((word >> (3 * i)) & 7))),
    );
    for (let i = 0; i < 32; i++) {
      const nibble = (block[32 + (i >> 1)]! >> (4 * (i & 1))) & 15;
      putShifted(codes, 8 * i, block[i]! | ((nibble & 7) << 8), nibble >> 3);
    }
  },
  { numbers: /* @__PURE__ */ bytesOf(shifted) },
);
