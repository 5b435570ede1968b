import { dense, type DenseDType } from '@tilewright/kernels/weights/dense';
import { type BlockType, blocksOf } from './block-type.ts';

function denseType(name: string, id: number, dtype: DenseDType, bytes: number): BlockType {
  const layout = { name, id, elements: 1, bytes };
  return {
    ...layout,
    repack(source, shape) {
      blocksOf(layout, source, shape);
      return { format: dense(dtype), shape, bytes: source };
    },
  };
}

export const f32: BlockType = /* @__PURE__ */ denseType('F32', 0, 'f32', 4);
export const f16: BlockType = /* @__PURE__ */ denseType('F16', 1, 'f16', 2);
export const bf16: BlockType = /* @__PURE__ */ denseType('BF16', 30, 'bf16', 2);
