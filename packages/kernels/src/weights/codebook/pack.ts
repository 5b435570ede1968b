import type { WeightCodec } from '../../contract/weight-codec.ts';
import type { HostTensor } from '../../contract/weight-format.ts';
import { checkHost } from '../check-host.ts';
import { encodeScales } from '../grouped/encode-scales.ts';
import { dequantizeGrouped, type GroupedParts, unpackGrouped } from '../grouped/numbers.ts';
import { packGrouped } from '../grouped/pack.ts';
import { expectFamily } from '../grouped/table-pack.ts';
import { expectLength } from '../sections.ts';
import type { CodebookFormat } from './format.ts';

/** A matrix before packing. */
export interface CodebookParts {
  /** Codes `[rows, columns]`. */
  readonly codes: Uint8Array;
  /** What they stand for, `2^bits` numbers. */
  readonly numbers: Float32Array;
  /** The sections of scales as they are stored, by name, where the format has them. */
  readonly sections?: GroupedParts['sections'];
}

/** Codes and a table as a tensor. Throws `bad-argument` for parts of the wrong length, wide codes, and numbers that are not finite. */
export function packCodebook(
  parts: CodebookParts,
  shape: readonly number[],
  format: CodebookFormat,
): HostTensor {
  checkHost('packCodebook', { parts, shape, format });
  const { codes, numbers, sections = {} } = parts;
  expectLength('packCodebook', 'numbers', numbers.length, 2 ** format.bits);
  const table = encodeScales('packCodebook', 'number', numbers, 'f32');
  return packGrouped('packCodebook', { codes, sections: { ...sections, numbers: table } }, shape, format);
}

/** The numbers of a tensor, row-major. Throws `bad-format` for another format, `bad-argument` where its bytes do not fit. */
export function dequantizeCodebook(tensor: HostTensor): Float32Array {
  const checked = expectFamily('dequantizeCodebook', tensor, 'codebook');
  const { sections } = unpackGrouped(checked);
  return dequantizeGrouped(checked, new Float32Array(sections.numbers!.buffer));
}

export const codebookCodec: WeightCodec = {
  family: 'codebook',
  unpack: dequantizeCodebook,
};
