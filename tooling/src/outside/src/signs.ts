// A weight format: the sign of each number, one bit, and an f32 scale per row. Blocks of 32 columns are a word.
import { TilewrightError } from '@tilewright/kernels';
import {
  checkRecord,
  expectLength,
  type FormatFamily,
  type HostTensor,
  matrixShape,
  packedSections,
  readRecords,
  sectionNamed,
  tensorSections,
  type WeightFormat,
} from '@tilewright/kernels/weights';

const family = 'tidal-signs';

const wgsl = `struct LoadB { bits: u32, first: u32, scale: f32 }
fn load_b(row: u32, block: u32) -> LoadB {
  return LoadB(b[row * B_BLOCKS + block], 32u * block, bitcast<f32>(b[B_SCALES + row]));
}
fn load_b_quad(block: LoadB, q: u32) -> vec4<f32> {
  let column = vec4<u32>(4u * q) + vec4<u32>(0u, 1u, 2u, 3u);
  let sign = 1.0 - 2.0 * vec4<f32>((vec4<u32>(block.bits) >> column) & vec4<u32>(1u));
  return select(vec4<f32>(0.0), block.scale * sign, block.first + column < vec4<u32>(K));
}
fn load_b_dot(block: LoadB, q: u32, v: vec4<f32>) -> f32 { return dot(load_b_quad(block, q), v); }
`;

const sections: WeightFormat['sections'] = (shape) => {
  const size = matrixShape(family, shape);
  return packedSections(size, [
    { name: 'bits', rowBytes: 4 * Math.ceil(size.columns / 32), blockBytes: 4 },
    { name: 'scales', rowBytes: 4, blockBytes: 0 },
  ]);
};

export const signs: WeightFormat = Object.freeze<WeightFormat>({
  family,
  id: family,
  name: 'signs',
  record: { format: family },
  columnBlock: 32,
  sections,
  reader: {
    blockQuads: 8,
    parts: (rows, columns) => ({
      wgsl: [wgsl],
      constants: {
        BLOCK_QUADS: 8,
        B_BLOCKS: Math.ceil(columns / 32),
        B_SCALES: sectionNamed(sections([rows, columns]).sections, 'scales').offset / 4,
      },
      view: { dtype: 'u32', width: 1 },
    }),
  },
});

/** For whoever opens files. */
export const signsFamily: FormatFamily = {
  family,
  records: readRecords,
  format: (record) => {
    checkRecord(record, {});
    return signs;
  },
};

/** The signs of a matrix, each row scaled by the mean of its magnitudes. Throws `bad-argument` for numbers that are too few. */
export function packSigns(numbers: ArrayLike<number>, shape: readonly number[]): HostTensor {
  const { rows, columns, sections: placed, sizeBytes } = sections(shape);
  expectLength('packSigns', 'numbers', numbers.length, rows * columns);
  const bytes = new Uint8Array(sizeBytes);
  const words = new Uint32Array(bytes.buffer);
  const scales = new Float32Array(bytes.buffer, sectionNamed(placed, 'scales').offset, rows);
  const blocks = Math.ceil(columns / 32);
  for (let i = 0; i < rows * columns; i++) {
    const [row, column] = [Math.floor(i / columns), i % columns];
    scales[row]! += Math.abs(numbers[i]!) / columns;
    if (numbers[i]! < 0) words[row * blocks + (column >> 5)]! |= 1 << (column & 31);
  }
  return { format: signs, shape, bytes };
}

/** The numbers of a tensor, row-major. Throws `bad-format` for one of another format. */
export function unpackSigns(tensor: HostTensor): Float32Array {
  if (tensor.format.id !== signs.id)
    throw new TilewrightError('bad-format', {
      subject: 'unpackSigns',
      problem: `the tensor is stored as ${tensor.format.name}`,
      requirement: 'it takes signs',
    });
  const { rows, columns, sections: placed } = tensorSections('unpackSigns', tensor);
  const bytes = tensor.bytes.slice();
  const words = new Uint32Array(bytes.buffer);
  const scales = new Float32Array(bytes.buffer, sectionNamed(placed, 'scales').offset, rows);
  const blocks = Math.ceil(columns / 32);
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const negative = (words[row * blocks + (column >> 5)]! >>> (column & 31)) & 1;
    return negative ? -scales[row]! : scales[row]!;
  });
}
