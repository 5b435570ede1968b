import { TilewrightError } from '../contract/errors.ts';
import type { FormatFamily, WeightCodec } from '../contract/weight-codec.ts';
import type { FormatRecord, HostTensor, WeightFormat } from '../contract/weight-format.ts';
import { selectRows, type RowRange } from './rows.ts';

const listed = (families: readonly { readonly family: string }[]): string =>
  families.map(({ family }) => `'${family}'`).join(', ') || 'none';

/**
 * The format of a record.
 *
 * @throws `bad-format` for a family that is not in the list, and for parameters that cannot be.
 */
export function readFormat(
  record: FormatRecord,
  families: readonly Pick<FormatFamily, 'family' | 'format'>[],
): WeightFormat {
  const family = families.find((each) => each.family === record.format);
  if (family !== undefined) return family.format(record, (inner) => readFormat(inner, families));
  throw new TilewrightError('bad-format', {
    subject: 'weight format',
    problem: `the family is '${record.format}'`,
    requirement: `the families handed over are ${listed(families)}`,
    fix: 'hand over that family too, in `formats`',
  });
}

type ParameterType = 'number' | 'string' | 'boolean' | 'object';

/** Types of a record's parameters, by name; a list where several are possible. */
export type ParameterTypes = Readonly<Record<string, ParameterType | readonly ParameterType[]>>;

/** Checks that a record has exactly these parameters, and of `more` any. Throws `bad-format` that names what is not so. */
export function checkRecord(record: FormatRecord, types: ParameterTypes, more: ParameterTypes = {}): void {
  const all = { ...types, ...more };
  const fits = (name: string): boolean => [all[name]].flat().includes(typeof record[name] as ParameterType);
  const strange = Object.keys(record).find((name) => name !== 'format' && !Object.hasOwn(all, name));
  const wrong = Object.keys(all).find((name) => !fits(name) && (name in types || name in record));
  if (strange === undefined && wrong === undefined) return;
  throw new TilewrightError('bad-format', {
    subject: `format family ${record.format}`,
    problem:
      strange === undefined
        ? `the parameter '${wrong}' is ${JSON.stringify(record[wrong!]) ?? 'missing'}`
        : `the parameter '${strange}' is unknown`,
    requirement: `a record has ${Object.entries(types)
      .map(([name, type]) => `${name} (${[type].flat().join(' or ')})`)
      .join(', ')}${Object.keys(more).length > 0 ? `; it may have ${Object.keys(more).join(', ')}` : ''}`,
    fix: 'write the record as `format.record` gives it',
  });
}

/**
 * The codec of a tensor's format.
 *
 * @throws `bad-format` where the list has none.
 */
export function codecOf({ family, name }: WeightFormat, codecs: readonly WeightCodec[]): WeightCodec {
  const codec = codecs.find((each) => each.family === family);
  if (codec !== undefined) return codec;
  throw new TilewrightError('bad-format', {
    subject: `format ${name}`,
    problem: `no codec was handed over for the family '${family}'`,
    requirement: `the codecs handed over are ${listed(codecs)}`,
    fix: 'hand over the codec of that family too, in `codecs`',
  });
}

/**
 * The numbers of a tensor, or of a range of its rows, row-major, one per element. Integers beyond 2²⁴ and f64 round to f32.
 *
 * @throws `bad-argument` where the tensor has not its format's number of bytes; `bad-format` where no codec reads it.
 */
export function unpack(tensor: HostTensor, codecs: readonly WeightCodec[], rows?: RowRange): Float32Array {
  const chosen = rows === undefined ? tensor : selectRows(tensor, [rows]);
  return codecOf(tensor.format, codecs).unpack(chosen, codecs);
}

/**
 * `full` stored as sparsely as `like`: where that stores some of the values of another format, those of `full` in its place;
 * everywhere else `full` itself.
 */
export function storedLike(full: HostTensor, like: WeightFormat, codecs: readonly WeightCodec[]): HostTensor {
  if (like.withValues === undefined) return full;
  return codecOf(like, codecs).compact!(full, like.withValues(full.format), codecs);
}
