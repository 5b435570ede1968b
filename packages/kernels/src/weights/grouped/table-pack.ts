// Codes and scales of tables, as tensors and back.
import { TilewrightError } from '../../contract/errors.ts';
import type { HostTensor } from '../../contract/weight-format.ts';
import { checkHost } from '../check-host.ts';
import { expectLength } from '../sections.ts';
import { encodeScales } from './encode-scales.ts';
import { type GroupedFormat } from './format.ts';
import { groupCount } from './grouping.ts';
import { scalesOf, unpackGrouped } from './numbers.ts';
import { packGrouped } from './pack.ts';

/** A matrix before packing, or after unpacking. */
export interface TableParts {
  /** Codes `[rows, columns]`. */
  readonly codes: Uint8Array;
  /** Scales `[rows, groups]`, finite; stored rounded to the format's type: of f16 at most 65504 in magnitude. */
  readonly scales: Float32Array;
  /** Of groups whose places are indexed, the group of each column. */
  readonly groups?: Uint16Array;
}

/** Codes and scales as a tensor. Throws `bad-argument` for parts of the wrong length, wide codes, and scales that are too large. */
export function packTable(
  subject: string,
  parts: TableParts,
  shape: readonly number[],
  format: GroupedFormat,
): HostTensor {
  checkHost(subject, { parts, shape, format });
  const { codes, scales, groups } = parts;
  const { rows, columns } = format.sections(shape);
  const isOneList = format.places === 'flat' || format.places === 'across';
  expectLength(subject, 'codes', codes.length, rows * columns);
  expectLength(subject, 'scales', scales.length, (isOneList ? 1 : rows) * groupCount(format, rows, columns));
  expectLength(subject, 'groups of columns', groups?.length ?? 0, format.places === 'indexed' ? columns : 0);
  const index = new Uint16Array(32 * Math.ceil(columns / 32));
  if (groups) index.set(groups);
  const sections = {
    scales: encodeScales(subject, 'scale', scales, scaleTypeOf(format)),
    ...(groups && { groups: new Uint8Array(index.buffer) }),
  };
  return packGrouped(subject, { codes, sections }, shape, format);
}

/** Codes and scales of a tensor. Throws `bad-format` for another family, `bad-argument` where its bytes do not fit. */
export function unpackTable(subject: string, tensor: HostTensor, family: string): TableParts {
  const checked = expectFamily(subject, tensor, family);
  const { codes, sections } = unpackGrouped(checked);
  return {
    codes,
    scales: scalesOf(sections.scales!, scaleTypeOf(checked.format)),
    ...(sections.groups && {
      groups: new Uint16Array(sections.groups.buffer).slice(0, tensor.shape.at(-1)),
    }),
  };
}

const scaleTypeOf = ({ scaling }: GroupedFormat) => (scaling.kind === 'plain' ? scaling.scale : 'f32');

/** Refuses a tensor of another family. */
export function expectFamily(
  subject: string,
  tensor: HostTensor,
  family: string,
): HostTensor & { readonly format: GroupedFormat } {
  checkHost(subject, { tensor });
  const { format } = tensor;
  if (format.family === family) return tensor as HostTensor & { readonly format: GroupedFormat };
  throw new TilewrightError('bad-format', {
    subject,
    problem: `the tensor is stored as ${format.name}`,
    requirement: `it takes ${family}`,
    fix: 'unpack it with the codec of its own format',
  });
}
