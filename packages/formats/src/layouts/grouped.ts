// What layouts ask of formats whose codes share scales by group.
import {
  type GroupedFormat,
  type GroupedParts,
  type GroupedTensor,
  type HostTensor,
  unpackGrouped,
} from '@tilewright/kernels/weights';
import { isInteger } from '@tilewright/kernels/weights/integer';

/** Scales of a row, in order. */
export const groupsOf = ({ group }: Pick<GroupedFormat, 'group'>, columns: number): number =>
  group === 'row' ? 1 : Math.ceil(columns / group);

/** Whether groups are runs of columns of rows that end with them, each with one scale in one of these types. */
export function hasPlainScales(
  { places, scaling, group }: GroupedFormat,
  [, columns]: readonly number[],
  types: readonly string[],
): boolean {
  const ends = group === 'row' || columns! % group === 0;
  return places === 'rows' && ends && scaling.kind === 'plain' && types.includes(scaling.scale);
}

/** Integers with plain scales, symmetric around the middle code or with zero points in bytes. */
export function isPlainInteger(
  { format, shape }: HostTensor,
  bits: readonly number[],
  types: readonly string[],
): boolean {
  if (!isInteger(format) || !bits.includes(format.bits) || !hasPlainScales(format, shape, types))
    return false;
  const { scaling } = format;
  if (scaling.kind !== 'plain' || scaling.minimum || (scaling.unit ?? 1) !== 1) return false;
  return scaling.zero === 'bytes' || scaling.zero === 2 ** (format.bits - 1);
}

/** The format of a tensor that is known to have one of this kind. */
export const groupedFormatOf = ({ format }: HostTensor): GroupedFormat => format as GroupedFormat;

/** Codes, and the sections beside them, of a tensor that is known to be of such a format. */
export const partsOf = (tensor: HostTensor): GroupedParts & { readonly format: GroupedFormat } => ({
  format: groupedFormatOf(tensor),
  ...unpackGrouped(tensor as GroupedTensor),
});

/** The first layer that is not as wanted, in words; undefined where all are. */
export function firstOther(
  layers: ReadonlyMap<string, HostTensor>,
  isWanted: (tensor: HostTensor) => boolean,
  holds: string,
): string | undefined {
  for (const [name, tensor] of layers)
    if (!isWanted(tensor))
      return `it holds ${holds}, and '${name}' is ${
        tensor.format.name
      } of shape [${tensor.shape.join(', ')}]`;
  return undefined;
}

/** Undefined where all layers agree in something, else what they differ in. */
export function firstDifference(
  layers: ReadonlyMap<string, HostTensor>,
  of: (format: GroupedFormat) => string | number | boolean,
  what: string,
): string | undefined {
  const [first, ...others] = [...layers].map(
    ([name, { format }]) => [name, of(format as GroupedFormat)] as const,
  );
  const other = others.find(([, value]) => value !== first![1]);
  return (
    other && `all its layers have one ${what}, '${first![0]}' ${first![1]} and '${other[0]}' ${other[1]}`
  );
}
