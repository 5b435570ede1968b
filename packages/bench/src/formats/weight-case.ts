import type { HostTensor, KernelCheck } from '@tilewright/kernels';
import { normalStream, randomStream } from '@tilewright/kernels';
import { type BlockSparseParameters, packBlockSparse } from '@tilewright/kernels/block-sparse-matmul';
import { registry } from '@tilewright/kernels/registry';
import { codebook } from '@tilewright/kernels/weights/codebook';
import { dense } from '@tilewright/kernels/weights/dense';
import { float8 } from '@tilewright/kernels/weights/float8';
import { fp4 } from '@tilewright/kernels/weights/fp4';
import { integer } from '@tilewright/kernels/weights/integer';
import { mxfp4 } from '@tilewright/kernels/weights/mxfp4';
import { nm } from '@tilewright/kernels/weights/n-m';
import { nf4 } from '@tilewright/kernels/weights/nf4';
import { nvfp4 } from '@tilewright/kernels/weights/nvfp4';
import { randomWeight } from '@tilewright/kernels/weights/registry';

/** A weight as a format stores it. */
export interface WeightCase {
  readonly name: string;
  /** Of the numbers of the weight, those that are not left out. */
  readonly density: number;
  /** It is timed with a wide weight, too. */
  readonly isWideToo: boolean;
  /** A weight `[rows, columns]` of random numbers. */
  readonly make: (shape: readonly [rows: number, columns: number]) => HostTensor;
}

const rowFormats = [
  dense('f32'),
  dense('f16'),
  ...([8, 6, 5, 4, 3, 2] as const).map((bits) => integer({ bits })),
  nf4(),
  fp4(),
  float8(),
  mxfp4(),
  nvfp4(),
  codebook({ bits: 4 }),
];

/** Cut of a block-sparse weight, and the densities that it is timed at. */
const sparse: readonly (readonly [BlockSparseParameters, readonly number[]])[] = [
  [{ height: 1, width: 4 }, [0.2, 0.1]],
  [{ height: 4, width: 1 }, [0.2, 0.1]],
  [{ height: 16, width: 1 }, [0.5, 0.2, 0.1]],
  [{ height: 32, width: 1 }, [0.5, 0.2, 0.1]],
  [{ height: 16, width: 16 }, [0.2, 0.1]],
  [{ height: 32, width: 32 }, [0.2, 0.1]],
  [{ height: 16, width: 16, dtype: 'f16' }, [0.1]],
  [{ height: 16, width: 16, dtype: 'int8' }, [0.1]],
  [{ height: 16, width: 16, dtype: 'int4' }, [0.1]],
  [{ height: 1, width: 1 }, [0.2, 0.1]],
  [{ height: 1, width: 1, dtype: 'f16' }, [0.1]],
  [{ height: 1, width: 1, dtype: 'int8' }, [0.1]],
];

/** Formats that are timed with a wide weight, too. */
const wideToo = new Set(
  [dense('f32'), integer({ bits: 4 }), nf4(), nm({ n: 2, m: 4, values: dense('f32') })].map(({ id }) => id),
);

/** What `measureFormats` compares with: every number as f32. */
export const denseCase: WeightCase = rowCase(dense('f32'), 1);

export const weightCases: readonly WeightCase[] = [
  ...rowFormats.map((format) => rowCase(format, 1)),
  rowCase(nm({ n: 2, m: 4, values: dense('f32') }), 0.5),
  rowCase(nm({ n: 2, m: 4, values: integer({ bits: 4 }) }), 0.5),
  ...sparse.flatMap(([parameters, densities]) => densities.map((density) => sparseCase(parameters, density))),
];

function rowCase(format: Parameters<typeof randomWeight>[0], density: number): WeightCase {
  return {
    name: format.name,
    density,
    isWideToo: wideToo.has(format.id),
    make: (shape) => randomWeight(format, shape, normalStream(7)),
  };
}

/** Blocks at random places, all of them in the first row of blocks and none in the second. */
export function sparseCase(parameters: BlockSparseParameters, density: number): WeightCase {
  const { height = 16, width = 16, dtype = 'f32' } = parameters;
  const cut = height === 1 && width === 1 ? 'csr' : `bsr-${height}x${width}`;
  return {
    name: `${cut}${dtype === 'f32' ? '' : `-${dtype}`}`,
    density,
    isWideToo: height === 16 && width === 16 && dtype === 'f32',
    make: ([rows, columns]) => {
      const [random, normal] = [randomStream(5), normalStream(7)];
      const across = Math.ceil(columns / width);
      const kept = Array.from({ length: Math.ceil(rows / height) * across }, (_, block) =>
        block < across ? true : block < 2 * across ? false : random() < density,
      );
      const values = new Float32Array(rows * columns);
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++)
          if (kept[Math.floor(row / height) * across + Math.floor(column / width)])
            values[row * columns + column] = normal() / Math.sqrt(columns * density);
      return packBlockSparse(values, [rows, columns], parameters);
    },
  };
}

/** The checks of products with a weight: of the kernels that its format brings, or of the two that read rows. */
export const checkNamed = (name: string): KernelCheck => registry.find(({ kernel }) => kernel.name === name)!;
