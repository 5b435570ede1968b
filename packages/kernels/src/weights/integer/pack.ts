import { checkHost } from '../check-host.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { HostTensor } from '../../contract/weight-format.ts';
import { encodeScales } from '../grouped/encode-scales.ts';
import { groupCount } from '../grouped/grouping.ts';
import { packGrouped } from '../grouped/pack.ts';
import { expectLength } from '../sections.ts';
import type { IntegerFormat } from './format.ts';

/** An integer matrix before packing, or after unpacking. */
export interface IntegerParts {
  /** Unsigned codes `[rows, columns]`, each below `2^bits`. */
  readonly codes: Uint8Array;
  /** Scales `[rows, groups]`, finite; stored rounded to the format's type: of f16 at most 65504 in magnitude. */
  readonly scales: Float32Array;
  /** Zero points shaped like the scales, bytes below `2^bits`; there exactly where the format has them. */
  readonly zeroPoints?: Uint8Array | Float32Array;
  /** Minimums shaped like the scales; there exactly where the format has them. */
  readonly minimums?: Float32Array;
  /** Of groups whose places are indexed, the group of each column. */
  readonly groups?: Uint16Array;
}

/**
 * A matrix of integer codes with a scale for each group; the format's comment gives the bits.
 *
 * @throws `bad-argument` for parts of the wrong length, codes or zero points of too many bits, and scales that the format cannot
 * hold; `bad-format` for nested scales, which `packGrouped` takes as they are stored.
 */
export function packInteger(
  parts: IntegerParts,
  shape: readonly number[],
  format: IntegerFormat,
): HostTensor {
  const subject = 'packInteger';
  checkHost(subject, { parts, shape, format });
  const { rows, columns } = format.sections(shape);
  const { scaling, places } = format;
  if (scaling.kind !== 'plain')
    throw new TilewrightError('bad-format', {
      subject,
      problem: `${format.name} has nested scales`,
      requirement: 'it takes formats with a scale for each group',
      fix: 'pack its sections with packGrouped',
    });
  const isOneList = places === 'flat' || places === 'across';
  const groups = (isOneList ? 1 : rows) * groupCount(format, rows, columns);
  const { zero, minimum } = scaling;
  const zeros = typeof zero === 'number' ? 0 : groups;
  expectLength(subject, 'codes', parts.codes.length, rows * columns);
  expectLength(subject, 'scales', parts.scales.length, groups);
  expectLength(subject, 'zero points', parts.zeroPoints?.length ?? 0, minimum ? 0 : zeros);
  expectLength(subject, 'minimums', parts.minimums?.length ?? 0, minimum ? zeros : 0);
  expectLength(subject, 'groups of columns', parts.groups?.length ?? 0, places === 'indexed' ? columns : 0);
  if (zero === 'bytes') expectBits(parts.zeroPoints!, format);
  const index = new Uint16Array(32 * Math.ceil(columns / 32));
  if (parts.groups) index.set(parts.groups);
  const sections = {
    scales: encodeScales(subject, 'scale', parts.scales, scaling.scale),
    ...(typeof zero === 'string' &&
      (minimum
        ? { minimums: encodeScales(subject, 'minimum', parts.minimums!, zero) }
        : {
            'zero points': encodeScales(subject, 'zero point', parts.zeroPoints!, zero),
          })),
    ...(parts.groups && { groups: new Uint8Array(index.buffer) }),
  };
  return packGrouped(subject, { codes: parts.codes, sections }, shape, format);
}

function expectBits(fields: ArrayLike<number>, format: IntegerFormat): void {
  const limit = 2 ** format.bits;
  const index = Array.from(fields).findIndex((field) => field >= limit);
  if (index < 0) return;
  throw new TilewrightError('bad-argument', {
    subject: 'packInteger',
    problem: `zero point ${fields[index]} at index ${index}`,
    requirement: `${format.name} holds zero points from 0 to ${limit - 1}`,
    fix: 'clamp them, or take a format of more bits',
  });
}
