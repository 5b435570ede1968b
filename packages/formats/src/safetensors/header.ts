// The safetensors header: https://huggingface.co/docs/safetensors, "Format". Everything in it is checked
// against the size of the file before any tensor is read.

import { dtypeBytes, type DenseDType } from '@tilewright/kernels/weights/dense';
import { badFile, shown } from '../bad-file.ts';
import { isJsonObject, parseJson, type Json, type JsonObject } from '../json/parse-json.ts';
import { foreignBytes, refuseForeign } from '../source/foreign.ts';
import { decodeUtf8, type ByteSource } from '../source/source.ts';
import { dtypeFromHeader, headerDtypes } from './dtypes.ts';
import { elementCount, isSize, parseShape } from './shape.ts';

/** A tensor as the header describes it; bytes `[start, end)` of the file. */
export interface HeaderTensor {
  readonly name: string;
  readonly dtype: DenseDType;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

export interface Header {
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of the header. */
  readonly tensors: readonly HeaderTensor[];
}

/** The limit of the reference implementation. */
const maxHeaderBytes = 100_000_000;
const lengthBytes = 8;
const again = 'get the file again, it may be damaged or not safetensors';

/** Reads and checks the header of a safetensors file. Throws `bad-file` for whatever the format forbids. */
export async function readHeader(source: ByteSource): Promise<Header> {
  const subject = source.name;
  if (source.sizeBytes < lengthBytes) {
    throw badFile(
      subject,
      `the file has ${source.sizeBytes} bytes`,
      'a safetensors file starts with the length of its header, 8 bytes',
      again,
    );
  }
  const prefix = await source.read(0, lengthBytes);
  const headerBytes = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
  const rest = source.sizeBytes - lengthBytes;
  // Other kinds of files begin with what would be a length beyond all bounds.
  if (headerBytes > BigInt(Math.min(rest, maxHeaderBytes))) {
    const more = await source.read(lengthBytes, Math.min(source.sizeBytes, foreignBytes));
    const start = Uint8Array.of(...prefix, ...more);
    const wanted = 'it must be safetensors';
    refuseForeign(start, subject, wanted);
    // The answer of a server, mostly: read as a length, a text says nothing.
    const text = String.fromCharCode(...start.subarray(0, 40));
    if (/^[\s -~]*$/.test(text)) throw badFile(subject, `it is the text ${shown(text)}`, wanted, again);
    throw badFile(
      subject,
      `the header is said to have ${headerBytes} bytes, and ${rest} follow`,
      `the header must lie inside the file, and the format allows ${maxHeaderBytes}`,
      again,
    );
  }
  const dataStart = lengthBytes + Number(headerBytes);
  const text = decodeUtf8(await source.read(lengthBytes, dataStart), subject, 'the header');
  return parseHeader(text, dataStart, source.sizeBytes, subject);
}

function parseHeader(text: string, dataStart: number, fileBytes: number, subject: string): Header {
  const root = text.startsWith('{')
    ? parseJson(text, { subject, part: 'the header', maxDepth: 3 })
    : undefined;
  if (!isJsonObject(root)) {
    throw badFile(
      subject,
      text.startsWith('\ufeff')
        ? 'the header starts with a UTF-8 byte order mark'
        : `the header starts with ${shown(text.slice(0, 12))}`,
      "a safetensors header is a JSON object and starts with '{'",
      again,
    );
  }
  const tensors: HeaderTensor[] = [];
  let metadata: Readonly<Record<string, string>> = {};
  for (const [name, value] of root) {
    if (name === '__metadata__') metadata = parseMetadata(value, subject);
    else tensors.push(parseTensor(name, value, dataStart, fileBytes, subject));
  }
  checkCover(tensors, dataStart, fileBytes, subject);
  return { metadata, tensors };
}

/** null is as good as absent. */
function parseMetadata(value: Json, subject: string): Readonly<Record<string, string>> {
  if (value === null) return {};
  const entries: [string, string][] = [];
  for (const [name, text] of isJsonObject(value) ? value : [['', value] as const]) {
    if (typeof text !== 'string') {
      throw badFile(
        subject,
        isJsonObject(value)
          ? `__metadata__ gives ${shown(name)} as ${shown(text)}`
          : `__metadata__ is ${shown(text)}`,
        '__metadata__ is an object whose values are strings',
        'write the file again with strings',
      );
    }
    entries.push([name, text]);
  }
  return Object.fromEntries(entries);
}

function parseTensor(
  name: string,
  value: Json,
  dataStart: number,
  fileBytes: number,
  subject: string,
): HeaderTensor {
  const of = `tensor ${shown(name)}`;
  if (!isJsonObject(value)) {
    throw badFile(
      subject,
      `${of} is described by ${shown(value)}`,
      'a tensor is described by an object with dtype, shape and data_offsets',
      again,
    );
  }
  const dtypeName = value.get('dtype');
  const dtype = typeof dtypeName === 'string' ? dtypeFromHeader(dtypeName) : undefined;
  if (dtype === undefined) {
    throw badFile(
      subject,
      `${of} has dtype ${shown(dtypeName)}`,
      `the dtypes this reader takes are ${headerDtypes}`,
      'convert the tensor to one of them',
    );
  }
  const stray = [...value.keys()].find((key) => !['dtype', 'shape', 'data_offsets'].includes(key));
  if (stray !== undefined) {
    throw badFile(
      subject,
      `${of} has the field ${shown(stray)}`,
      'a tensor is described by dtype, shape and data_offsets, and nothing else',
      'write the file again without it',
    );
  }
  const shape = parseShape(value.get('shape'), subject, of);
  const [begin, end] = parseOffsets(value, fileBytes - dataStart, subject, of);
  const sizeBytes = elementCount(shape, subject, of) * dtypeBytes(dtype);
  if (end - begin !== sizeBytes) {
    throw badFile(
      subject,
      `${of} has ${end - begin} bytes where ${dtypeName} of shape ${shown(shape)} takes ${sizeBytes}`,
      'data_offsets must span exactly the elements',
      again,
    );
  }
  return { name, dtype, shape, start: dataStart + begin, end: dataStart + end };
}

function parseOffsets(value: JsonObject, dataBytes: number, subject: string, of: string): [number, number] {
  const offsets = value.get('data_offsets');
  if (Array.isArray(offsets) && offsets.length === 2) {
    const [begin, end]: unknown[] = offsets;
    if (isSize(begin) && isSize(end) && begin <= end && end <= dataBytes) return [begin, end];
  }
  throw badFile(
    subject,
    `${of} has data_offsets ${shown(offsets)}`,
    `two whole numbers are required, begin <= end <= ${dataBytes} (the bytes after the header)`,
    again,
  );
}

/**
 * The tensors must cover the data exactly: bytes that belong to two tensors or to none have no honest use.
 */
function checkCover(
  tensors: readonly HeaderTensor[],
  dataStart: number,
  fileBytes: number,
  subject: string,
): void {
  let covered = dataStart;
  let previous = 'the header';
  const pieces = tensors.map(({ name, start, end }) => ({ of: `tensor ${shown(name)}`, start, end }));
  pieces.sort((a, b) => a.start - b.start || a.end - b.end);
  for (const { of, start, end } of [...pieces, { of: 'the end', start: fileBytes, end: fileBytes }]) {
    if (start !== covered) {
      throw badFile(
        subject,
        start < covered
          ? `${of} overlaps ${previous} by ${covered - start} bytes`
          : `${start - covered} bytes between ${previous} and ${of} belong to no tensor`,
        'tensors must lie one after the other without overlap or gap',
        again,
      );
    }
    covered = end;
    previous = of;
  }
}
