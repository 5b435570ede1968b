// What a file says of its compressed tensors, read: each has the record of its format and its shape. Families bring this along, so
// that a page which opens dense files alone carries none of it.
import { isTilewrightError } from '../contract/errors.ts';
import type { FormatFamily, ReadRecords, RecordFile, TensorRecord } from '../contract/weight-codec.ts';
import type { FormatRecord, WeightFormat } from '../contract/weight-format.ts';
import { checkRecord, readFormat } from './families.ts';
import { formatBytes } from './sections.ts';

/**
 * The formats and shapes of a file's compressed tensors, by name: what every family has as its `records`. Throws the file's error for
 * records that are malformed, name a family that was not handed over, or fit no tensor of the file.
 */
export const readRecords: ReadRecords = (file) => {
  const records = new Map<string, TensorRecord>();
  for (const [name, record] of recordsOf(file)) {
    const of = `tensor ${file.shown(name)}`;
    const tensor = file.tensors.get(name);
    if (!isObject(record) || tensor === undefined) {
      throw badRecord(
        file,
        tensor === undefined ? `names ${of}, which the file lacks` : `gives ${of} as ${file.shown(record)}`,
      );
    }
    const shape = file.shape(record.get('shape'), of);
    const format = formatOf(record.get('format'), file, of);
    checkSize({ format, shape }, tensor, file, of);
    records.set(name, { format, shape });
  }
  return records;
};

type Members = ReadonlyMap<string, unknown>;
const isObject = (value: unknown): value is Members => value instanceof Map;

function recordsOf(file: RecordFile): Members {
  const { root, shown } = file;
  const version = isObject(root) ? root.get('version') : undefined;
  const tensors = isObject(root) ? root.get('tensors') : undefined;
  if (version !== 1) throw badRecord(file, `has version ${shown(version)}`);
  if (!isObject(tensors)) throw badRecord(file, `gives its tensors as ${shown(tensors)}`);
  return tensors;
}

function formatOf(json: unknown, file: RecordFile, of: string): WeightFormat {
  const { shown, dense, families } = file;
  const record = plainRecord(json);
  if (record === null) throw badRecord(file, `gives ${of} the format ${shown(json)}`);
  const denseFamily: Pick<FormatFamily, 'family' | 'format'> = {
    family: dense.family,
    format: (inner) => {
      checkRecord(inner, { dtype: 'string' });
      return dense.format(inner.dtype as string);
    },
  };
  const known = [denseFamily, ...families];
  const strange = familiesOf(record).find((family) => !known.some((each) => each.family === family));
  if (strange !== undefined) {
    throw file.refuse(
      `${of} is stored in a format of the family ${shown(strange)}`,
      `the families handed over in formats are ${families.map(({ family }) => family).join(', ')}`,
      'hand that family over too, or update this package if the file is newer',
    );
  }
  try {
    const format = readFormat(record, known);
    if (format.family !== dense.family) return format;
  } catch (cause) {
    if (!isTilewrightError(cause)) throw cause;
    throw badRecord(file, `gives ${of} a format that cannot be: ${shown(cause.message)}`, cause);
  }
  throw badRecord(file, `gives ${of} a dense format`);
}

/** A record as `readFormat` takes it; null for what is none. Parameters are few and short. */
function plainRecord(json: unknown): FormatRecord | null {
  if (!isObject(json) || json.size > 16) return null;
  const entries: [string, FormatRecord[string]][] = [];
  for (const [name, value] of json) {
    const plain = isObject(value) ? plainRecord(value) : value;
    if (plain === null || typeof plain === 'object') {
      if (plain === null || Array.isArray(plain)) return null;
    } else if (typeof plain === 'string' && plain.length > 64) return null;
    if (name === '__proto__') return null;
    entries.push([name, plain as FormatRecord[string]]);
  }
  const record = Object.fromEntries(entries);
  return typeof record.format === 'string' ? (record as FormatRecord) : null;
}

const familiesOf = (record: FormatRecord): string[] => [
  record.format,
  ...Object.values(record).flatMap((value) => (typeof value === 'object' ? familiesOf(value) : [])),
];

function checkSize(
  { format, shape }: TensorRecord,
  tensor: { readonly dtype: string; readonly shape: readonly number[]; readonly sizeBytes: number },
  file: RecordFile,
  of: string,
): void {
  const { shown } = file;
  let wanted: number;
  try {
    wanted = formatBytes(format, shape);
  } catch (cause) {
    if (!isTilewrightError(cause)) throw cause;
    throw badRecord(file, `gives ${of} the shape ${shown(shape)}, which ${format.name} cannot have`, cause);
  }
  if (tensor.dtype === 'u32' && tensor.shape.length === 1 && tensor.sizeBytes === wanted) return;
  throw file.refuse(
    `${of} is stored as ${tensor.dtype} ${shown(tensor.shape)}, ${tensor.sizeBytes} bytes`,
    `${format.name} of shape ${shown(shape)} is stored as a list of u32 words, ${wanted} bytes`,
    'write the file again with writeSafetensors',
  );
}

function badRecord({ part, refuse }: RecordFile, problem: string, cause?: unknown): Error {
  return refuse(
    `${part} ${problem}`,
    'version 1 has, for each compressed tensor of the file, the record of its format and its shape',
    'write the file again with writeSafetensors, or update this package if the file is newer',
    cause,
  );
}
