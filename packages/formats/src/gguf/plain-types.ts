// Types with a scale, and perhaps a minimum, for each block.
import { codebook } from '@tilewright/kernels/weights/codebook';
import { integer } from '@tilewright/kernels/weights/integer';
import { mxfp4 as mxfp4Format } from '@tilewright/kernels/weights/mxfp4';
import { nvfp4 as nvfp4Format } from '@tilewright/kernels/weights/nvfp4';
import { type HostTensor, packGrouped } from '@tilewright/kernels/weights';
import {
  type BlockReader,
  type BlockType,
  blockType,
  blocksOf,
  readHalves,
  readPlanes,
  u32,
} from './block-type.ts';

/** The fifth bits of 32 elements, one each. */
function fifthBits(codes: Uint8Array, bits: number): void {
  for (let i = 0; i < 32; i++) codes[i]! |= ((bits >>> i) & 1) << 4;
}

export const q4_0: BlockType = /* @__PURE__ */ blockType(
  { name: 'Q4_0', id: 2, elements: 32, bytes: 18 },
  () => integer({ bits: 4 }),
  ({ block, codes, add }) => {
    add('scales', block.subarray(0, 2));
    readHalves(block.subarray(2), codes);
  },
);

export const q4_1: BlockType = /* @__PURE__ */ blockType(
  { name: 'Q4_1', id: 3, elements: 32, bytes: 20 },
  () => integer({ bits: 4, zero: 'minimum' }),
  ({ block, codes, add }) => {
    add('scales', block.subarray(0, 2));
    add('minimums', block.subarray(2, 4));
    readHalves(block.subarray(4), codes);
  },
);

export const q5_0: BlockType = /* @__PURE__ */ blockType(
  { name: 'Q5_0', id: 6, elements: 32, bytes: 22 },
  () => integer({ bits: 5 }),
  ({ block, codes, add }) => {
    add('scales', block.subarray(0, 2));
    readHalves(block.subarray(6), codes);
    fifthBits(codes, u32(block, 2));
  },
);

export const q5_1: BlockType = /* @__PURE__ */ blockType(
  { name: 'Q5_1', id: 7, elements: 32, bytes: 24 },
  () => integer({ bits: 5, zero: 'minimum' }),
  ({ block, codes, add }) => {
    add('scales', block.subarray(0, 2));
    add('minimums', block.subarray(2, 4));
    readHalves(block.subarray(8), codes);
    fifthBits(codes, u32(block, 4));
  },
);

export const q8_0: BlockType = /* @__PURE__ */ blockType(
  { name: 'Q8_0', id: 8, elements: 32, bytes: 34 },
  () => integer({ bits: 8 }),
  ({ block, codes, add }) => {
    add('scales', block.subarray(0, 2));
    // Signed bytes, as codes less 128.
    for (let i = 0; i < 32; i++) codes[i] = block[2 + i]! ^ 128;
  },
);

const ternary = () => integer({ bits: 2, group: 256, zero: 1 });

export const tq1_0: BlockType = /* @__PURE__ */ blockType(
  { name: 'TQ1_0', id: 34, elements: 256, bytes: 54 },
  ternary,
  ({ block, codes, add }) => {
    let at = 0;
    const digits = (from: number, to: number, count: number): void => {
      for (let n = 0; n < count; n++)
        for (let i = from; i < to; i++) codes[at++] = (((block[i]! * 3 ** n) & 255) * 3) >> 8;
    };
    digits(0, 32, 5);
    digits(32, 48, 5);
    digits(48, 52, 4);
    add('scales', block.subarray(52));
  },
);

export const tq2_0: BlockType = /* @__PURE__ */ blockType(
  { name: 'TQ2_0', id: 35, elements: 256, bytes: 66 },
  ternary,
  ({ block, codes, add }) => {
    readPlanes(block.subarray(0, 64), codes);
    add('scales', block.subarray(64));
  },
);

/** Bits, lowest first. */
function lowestFirst({ block, codes, add }: BlockReader, bits: number): void {
  add('scales', block.subarray(0, 2));
  for (let i = 0; i < codes.length; i++)
    codes[i] = (block[2 + ((bits * i) >> 3)]! >> ((bits * i) & 7)) & (2 ** bits - 1);
}

export const q1_0: BlockType = /* @__PURE__ */ blockType(
  { name: 'Q1_0', id: 41, elements: 128, bytes: 18 },
  () => codebook({ bits: 1, group: 128, scale: 'f16' }),
  (reader) => lowestFirst(reader, 1),
  { numbers: /* @__PURE__ */ bytesOf([-1, 1]) },
);

export const q2_0: BlockType = /* @__PURE__ */ blockType(
  { name: 'Q2_0', id: 42, elements: 64, bytes: 18 },
  () => integer({ bits: 2, group: 64, zero: 1 }),
  (reader) => lowestFirst(reader, 2),
);

export const mxfp4: BlockType = /* @__PURE__ */ blockType(
  { name: 'MXFP4', id: 39, elements: 32, bytes: 17 },
  () => mxfp4Format(),
  ({ block, codes, add }) => {
    add('scales', block.subarray(0, 1));
    readHalves(block.subarray(1), codes);
  },
);

const nvfp4Layout = { name: 'NVFP4', id: 40, elements: 64, bytes: 36 } as const;

export const nvfp4: BlockType = {
  ...nvfp4Layout,
  repack(bytes, shape): HostTensor {
    const blocks = blocksOf(nvfp4Layout, bytes, shape);
    const codes = new Uint8Array(64 * blocks);
    const scales = new Uint8Array(4 * blocks);
    for (let i = 0; i < blocks; i++) {
      const block = bytes.subarray(36 * i, 36 * (i + 1));
      for (let g = 0; g < 4; g++) {
        // The code of NaN is 0 here, and there is no sign.
        scales[4 * i + g] = (block[g]! & 127) === 127 ? 0 : block[g]! & 127;
        readHalves(
          block.subarray(4 + 8 * g, 12 + 8 * g),
          codes.subarray(64 * i + 16 * g, 64 * i + 16 * g + 16),
        );
      }
    }
    const outer = bytesOf(Array.from({ length: shape[0]! }, () => 1));
    return packGrouped('NVFP4', { codes, sections: { scales, 'outer scales': outer } }, shape, nvfp4Format());
  },
};

/** Numbers as the bytes of f32. */
export function bytesOf(numbers: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(numbers).buffer);
}
