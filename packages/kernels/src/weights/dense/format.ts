import type { FormatFamily } from '../../contract/weight-codec.ts';
import type { FormatReader, KeptValues, WeightFormat } from '../../contract/weight-format.ts';
import { TilewrightError } from '../../contract/errors.ts';
import dot from '../dot.wgsl';
import { checkRecord } from '../families.ts';
import { readRecords } from '../records.ts';
import { rowsAndColumns } from '../sections.ts';
import { type DenseDType, dtypeBytes, isDenseDType } from './dtype.ts';
import keptF16 from './kept.f16.wgsl';
import keptF32 from './kept.f32.wgsl';
import pairsF16 from './kept-pairs.f16.wgsl';
import pairsF32 from './kept-pairs.f32.wgsl';
import quadsWgsl from './quads.wgsl';
import scalarsWgsl from './scalars.wgsl';
import scaling from './scaling.wgsl';

/** Row-major elements, one after the other. Of f32 and f16 products read it; of the others only the host does. */
export interface DenseFormat extends WeightFormat {
  readonly dtype: DenseDType;
}

const family = 'dense';

/** Elements of one type, row-major, without padding. Throws `bad-format` for a type that is unknown. */
export function dense(dtype: DenseDType): DenseFormat {
  if (!isDenseDType(dtype)) {
    throw new TilewrightError('bad-format', {
      subject: 'dense',
      problem: `the element type is '${String(dtype)}'`,
      requirement:
        'it is f32, f16, bf16, f64, i64, i32, i16, i8, u32, u16, u8, bool, f8_e4m3, f8_e5m2 or f8_e8m0',
      fix: 'give one of these',
    });
  }
  const size = dtypeBytes(dtype);
  const faces = facesOf(dtype);
  return Object.freeze({
    family,
    id: `${family}(${dtype})`,
    name: dtype,
    record: { format: family, dtype },
    dtype,
    columnBlock: 1,
    sections: (shape) => {
      const { rows, columns } = rowsAndColumns(dtype, shape);
      const rowBytes = columns * size;
      const sizeBytes = rows * rowBytes;
      const elements = {
        name: 'elements',
        offset: 0,
        rowBytes,
        blockBytes: size,
        sizeBytes,
      };
      return { rows, columns, sections: [elements], sizeBytes };
    },
    ...faces,
  } satisfies DenseFormat);
}

/** The element type of a dense format; undefined for every other. */
export const denseDType = (format: WeightFormat): DenseDType | undefined =>
  format.family === family ? (format as DenseFormat).dtype : undefined;

export const denseFamily: FormatFamily = {
  family,
  records: readRecords,
  format: (record) => {
    checkRecord(record, { dtype: 'string' });
    return dense(record.dtype as DenseDType);
  },
};

function facesOf(dtype: DenseDType): {
  reader?: FormatReader;
  kept?: KeptValues;
} {
  if (dtype !== 'f32' && dtype !== 'f16') return {};
  return {
    reader: {
      parts: (_, columns, blockQuads) => {
        const quads = columns % 4 === 0;
        return {
          wgsl: [quads ? quadsWgsl : scalarsWgsl, dot],
          constants: { BLOCK_QUADS: blockQuads },
          view: { dtype, width: quads ? 4 : 1 },
        };
      },
    },
    kept: {
      bits: 8 * dtypeBytes(dtype),
      block: 32,
      shared: () => [],
      scaling,
      ...(dtype === 'f32' ? { value: keptF32, pairs: pairsF32 } : { value: keptF16, pairs: pairsF16 }),
      constants: () => ({}),
    },
  };
}
