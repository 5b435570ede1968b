import {
  aKindOf,
  awaitFix,
  checkOptions,
  having,
  listOf,
  optional,
  type OptionKind,
  TilewrightError,
} from '@tilewright/kernels';
import type { FormatFamily, HostTensor, StateDict, WeightFormat } from '@tilewright/kernels/weights';
import { dense, dtypeBytes, type DenseDType } from '@tilewright/kernels/weights/dense';
import { inParallel } from '../source/in-parallel.ts';
import { blobSource, bytesSource, type ByteSource } from '../source/source.ts';
import { urlSource } from '../source/url.ts';
import { readHeader, type HeaderTensor } from './header.ts';
import { formatsKey, parseFormatRecords } from './format-records.ts';

/** A tensor that lies in a file until it is read. */
export interface StoredTensor {
  /** The elements as the file stores them; `u32` (words) for a compressed format. */
  readonly dtype: DenseDType;
  readonly format: WeightFormat;
  /** The logical shape. */
  readonly shape: readonly number[];
  readonly sizeBytes: number;
  /**
   * Reads just this tensor. Its bytes start at a multiple of the element size, and may be a view: do not
   * write to them.
   */
  read(): Promise<HostTensor>;
}

/** One safetensors file, or several that make one model. */
export interface Safetensors {
  /** `__metadata__`, without the format records. */
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of the header. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Lets go of open files. */
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Families of the formats that compressed tensors may have; default none. Dense ones are always read. */
  readonly formats?: readonly FormatFamily[];
}

/** What {@link OpenOptions} must be. */
export const openKinds = (): Readonly<Record<keyof OpenOptions, OptionKind>> => ({
  formats: optional(listOf(having('a family of formats', 'family', 'records'))),
});

export type SafetensorsInput = Uint8Array | ArrayBuffer | Blob | URL | ByteSource;

/**
 * Opens a safetensors file: reads and checks its header, and nothing else. A `URL` is read by HTTP ranges;
 * for a path on disk see `@tilewright/formats/node`. Takes over the source, and closes it where opening
 * fails.
 * Throws `bad-file` for anything the format forbids, before any tensor is read.
 * Format: https://huggingface.co/docs/safetensors
 */
export async function openSafetensors(
  input: SafetensorsInput,
  options: OpenOptions = {},
): Promise<Safetensors> {
  checkOptions('openSafetensors', options, openKinds());
  return await openSource(await sourceOf(input), options);
}

/** {@link openSafetensors} of a source: what opens the files of a folder needs no other input. Its caller checks the options. */
export async function openSource(source: ByteSource, options: OpenOptions): Promise<Safetensors> {
  try {
    return await tensorsOf(source, options);
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function tensorsOf(source: ByteSource, { formats = [] }: OpenOptions): Promise<Safetensors> {
  const header = await readHeader(source);
  const records = parseFormatRecords(header, source.name, formats);
  const tensors = new Map<string, StoredTensor>();
  for (const tensor of header.tensors) {
    const { format, shape } = records.get(tensor.name) ?? {
      format: dense(tensor.dtype),
      shape: tensor.shape,
    };
    tensors.set(tensor.name, {
      dtype: tensor.dtype,
      format,
      shape,
      sizeBytes: tensor.end - tensor.start,
      read: async () => ({ format, shape, bytes: await readAligned(source, tensor) }),
    });
  }
  const metadata = Object.fromEntries(Object.entries(header.metadata).filter(([key]) => key !== formatsKey));
  return { metadata, tensors, close: () => source.close() };
}

/**
 * Reads every tensor, eight at a time, in the order of the file.
 * `progress` hears the bytes read so far and in all, after each tensor.
 */
export async function readState(
  file: Safetensors,
  progress?: (readBytes: number, totalBytes: number) => void,
): Promise<StateDict> {
  checkOptions('readState', { file }, { file: having('what openSafetensors gives', 'tensors') });
  const totalBytes = [...file.tensors.values()].reduce((sum, tensor) => sum + tensor.sizeBytes, 0);
  let readBytes = 0;
  const entries = await inParallel(file.tensors, 8, async ([name, stored]) => {
    const tensor = await stored.read();
    readBytes += stored.sizeBytes;
    progress?.(readBytes, totalBytes);
    return [name, tensor] as const;
  });
  return new Map(entries);
}

async function sourceOf(input: SafetensorsInput): Promise<ByteSource> {
  if (input instanceof Uint8Array || input instanceof ArrayBuffer) return bytesSource(input);
  if (input instanceof Blob) return blobSource(input);
  if (input instanceof URL) return await urlSource(input);
  if (typeof (input as ByteSource | undefined)?.read === 'function') return input;
  throw new TilewrightError('bad-argument', {
    subject: 'openSafetensors',
    problem: `the file is ${aKindOf(input)}`,
    requirement: 'it is bytes, a Blob, a URL or a ByteSource',
    fix: awaitFix(input, 'for a path on disk use openSafetensorsFile of @tilewright/formats/node'),
  });
}

/**
 * Headers have any length, so tensors may start anywhere; typed arrays may not. Copies only where it must.
 */
async function readAligned(source: ByteSource, { start, end, dtype }: HeaderTensor): Promise<Uint8Array> {
  if (start === end) return new Uint8Array(0);
  const bytes = await source.read(start, end);
  return bytes.byteOffset % dtypeBytes(dtype) === 0 ? bytes : new Uint8Array(bytes);
}
