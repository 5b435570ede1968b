// A compressed tensor is stored as a plain list of u32 words, so any safetensors reader opens the file; what
// the words mean is said in the metadata, under one key:
//   {"version":1,"tensors":{"model.layers.0.mlp.up_proj.weight":
//     {"format":{"format":"integer","bits":4,"group":32,"zeroPoint":false},"shape":[384,128]}}}

import { isTilewrightError } from '@tilewright/kernels';
import {
  formatBytes,
  readFormat,
  type FormatFamily,
  type FormatRecord,
  type StateDict,
  type WeightFormat,
} from '@tilewright/kernels/weights';
import { denseDType, denseFamily } from '@tilewright/kernels/weights/dense';
import { badFile, shown } from '../bad-file.ts';
import { isJsonObject, parseJson, type Json, type JsonObject } from '../json/parse-json.ts';
import type { Header, HeaderTensor } from './header.ts';
import { parseShape } from './shape.ts';

/** The metadata key that holds the formats; kept out of what users see as metadata. */
export const formatsKey = 'tilewright.formats';

/** What a compressed tensor is, beyond its words. */
export interface TensorRecord {
  readonly format: WeightFormat;
  readonly shape: readonly number[];
}

/** The value of {@link formatsKey} for a state, or undefined where every tensor is dense. */
export function formatRecords(state: StateDict): string | undefined {
  const packed = [...state].filter(([, { format }]) => denseDType(format) === undefined);
  if (packed.length === 0) return undefined;
  const records = packed.map(
    ([name, { format, shape }]) => [name, { format: format.record, shape }] as const,
  );
  return JSON.stringify({ version: 1, tensors: Object.fromEntries(records) });
}

/**
 * The records of a file by tensor name; `formats` are the families that may occur, besides dense. Throws `bad-file` for
 * records that are malformed, name another family, or fit no tensor of the file.
 */
export function parseFormatRecords(
  header: Header,
  subject: string,
  formats: readonly FormatFamily[],
): ReadonlyMap<string, TensorRecord> {
  const records = new Map<string, TensorRecord>();
  const text = header.metadata[formatsKey];
  if (!Object.hasOwn(header.metadata, formatsKey) || text === undefined) return records;
  const stored = new Map(header.tensors.map((tensor) => [tensor.name, tensor]));
  const root = parseJson(text, { subject, part: `metadata ${formatsKey}`, maxDepth: 8 });
  for (const [name, record] of recordsOf(root, subject)) {
    const of = `tensor ${shown(name)}`;
    const tensor = stored.get(name);
    if (!isJsonObject(record) || tensor === undefined) {
      throw badRecord(
        subject,
        tensor === undefined ? `names ${of}, which the file lacks` : `gives ${of} as ${shown(record)}`,
      );
    }
    const shape = parseShape(record.get('shape'), subject, of);
    const format = parseFormat(record.get('format'), subject, of, formats);
    checkSize({ format, shape }, tensor, subject, of);
    records.set(name, { format, shape });
  }
  return records;
}

function recordsOf(root: Json, subject: string): JsonObject {
  const version = isJsonObject(root) ? root.get('version') : undefined;
  const tensors = isJsonObject(root) ? root.get('tensors') : undefined;
  if (version !== 1) throw badRecord(subject, `has version ${shown(version)}`);
  if (!isJsonObject(tensors)) throw badRecord(subject, `gives its tensors as ${shown(tensors)}`);
  return tensors;
}

function parseFormat(
  json: Json | undefined,
  subject: string,
  of: string,
  formats: readonly FormatFamily[],
): WeightFormat {
  const record = plainRecord(json);
  if (record === null) throw badRecord(subject, `gives ${of} the format ${shown(json)}`);
  const families = [denseFamily, ...formats];
  const strange = familiesOf(record).find((family) => !families.some((each) => each.family === family));
  if (strange !== undefined) {
    const known = formats.map(({ family }) => family).join(', ');
    throw badFile(
      subject,
      `${of} is stored in a format of the family ${shown(strange)}`,
      `the families handed over in formats are ${known || 'none'}`,
      'hand that family over too, or update this package if the file is newer',
    );
  }
  try {
    const format = readFormat(record, families);
    if (denseDType(format) === undefined) return format;
  } catch (cause) {
    if (!isTilewrightError(cause)) throw cause;
    throw badRecord(subject, `gives ${of} a format that cannot be: ${shown(cause.message)}`, cause);
  }
  throw badRecord(subject, `gives ${of} a dense format`);
}

/** A record as `readFormat` takes it; null for what is none. Parameters are few and short. */
function plainRecord(json: Json | undefined): FormatRecord | null {
  if (json === undefined || !isJsonObject(json) || json.size > 16) return null;
  const entries: [string, FormatRecord[string]][] = [];
  for (const [name, value] of json) {
    const plain = isJsonObject(value) ? plainRecord(value) : value;
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

function checkSize({ format, shape }: TensorRecord, tensor: HeaderTensor, subject: string, of: string): void {
  const stored = tensor.end - tensor.start;
  let wanted: number;
  try {
    wanted = formatBytes(format, shape);
  } catch (cause) {
    if (!isTilewrightError(cause)) throw cause;
    throw badRecord(
      subject,
      `gives ${of} the shape ${shown(shape)}, which ${format.name} cannot have`,
      cause,
    );
  }
  if (tensor.dtype === 'u32' && tensor.shape.length === 1 && stored === wanted) return;
  throw badFile(
    subject,
    `${of} is stored as ${tensor.dtype} ${shown(tensor.shape)}, ${stored} bytes`,
    `${format.name} of shape ${shown(shape)} is stored as a list of u32 words, ${wanted} bytes`,
    'write the file again with writeSafetensors',
  );
}

function badRecord(subject: string, problem: string, cause?: unknown): Error {
  return badFile(
    subject,
    `metadata ${formatsKey} ${problem}`,
    'version 1 has, for each compressed tensor of the file, the record of its format and its shape',
    'write the file again with writeSafetensors, or update this package if the file is newer',
    cause,
  );
}
