// Weights of one byte an element, e4m3 or e5m2, with a scale for the tensor, for each row, or for each block.
import { float8 } from '@tilewright/kernels/weights/float8';
import { shown } from '../bad-file.ts';
import type { StoredTensor } from '../safetensors/open.ts';
import {
  bytesOf,
  type Layer,
  type MadeWeight,
  matrixOf,
  repeatedRows,
  scaleBytes,
  scaleTypeOf,
} from './layers.ts';

/** How scales lie: rows and columns of a matrix of them, and how many rows and columns of the weight each is for. */
export interface ScaleGrid {
  readonly rows: number;
  readonly columns: number;
  readonly height: number;
  readonly width: number | 'row';
}

/** Scales `[]`, `[1]`, `[out]`, `[out, 1]`, or a block's. Throws `bad-file` for another shape. */
export function scaleGrid(
  layer: Layer,
  suffix: string,
  shape: readonly number[],
  [out, columns]: readonly [number, number],
  block: readonly [number, number] | undefined,
): ScaleGrid {
  const count = shape.reduce((product, size) => product * size, 1);
  const [rows, across] = shape;
  if (block && shape.length === 2) {
    const want = [Math.ceil(out / block[0]), Math.ceil(columns / block[1])];
    if (rows === want[0] && across === want[1])
      return {
        rows: rows!,
        columns: across!,
        height: block[0],
        width: across === 1 ? 'row' : block[1],
      };
  }
  if (count === 1) return { rows: 1, columns: 1, height: out, width: 'row' };
  if (count === out && rows === out) return { rows: out, columns: 1, height: 1, width: 'row' };
  return layer.refuse(
    `${layer.name}${suffix} has shape ${shown(shape)}`,
    `the weight is ${shown([out, columns])}, with a scale for it, for each row${
      block ? `, or for blocks of ${shown(block)}` : ''
    }`,
  );
}

/** The weight of a tensor of floats and one of scales; `grid`: how they lie, where their shape alone does not tell. */
export function floatWeight(
  layer: Layer,
  weight: StoredTensor,
  suffix: string,
  scales: StoredTensor,
  block: readonly [number, number] | undefined,
  grid: ScaleGrid = scaleGrid(layer, suffix, scales.shape, matrixOf(layer, '.weight', weight), block),
): MadeWeight {
  const [out, columns] = matrixOf(layer, '.weight', weight);
  const scale = scaleTypeOf(layer, suffix, scales);
  const float = weight.dtype === 'f8_e5m2' ? 'e5m2' : 'e4m3';
  return {
    format: float8({ float, group: grid.width, scale }),
    shape: [out, columns],
    parts: async () => ({
      codes: await bytesOf(weight),
      sections: {
        scales: repeatedRows(await bytesOf(scales), grid.columns * scaleBytes(scale), out, grid.height),
      },
    }),
  };
}

/** A pair of sizes from settings. */
export const blockOf = (value: unknown): readonly [number, number] | undefined =>
  Array.isArray(value) && value.length === 2 && value.every((size) => Number.isInteger(size) && size > 0)
    ? (value as [number, number])
    : undefined;
