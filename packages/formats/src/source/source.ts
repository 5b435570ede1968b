import { badFile } from '../bad-file.ts';
import { refuseForeign } from './foreign.ts';

/** Bytes of known length that can be read in pieces: a file, a Blob, an URL, memory. */
export interface ByteSource {
  /** What error messages call it. */
  readonly name: string;
  readonly sizeBytes: number;
  /**
   * The bytes `[start, end)`, exactly `end - start` of them; may be a view of shared memory, so do not write
   * to it.
   * Throws `bad-file` where the bytes can no longer be had.
   */
  read(start: number, end: number): Promise<Uint8Array>;
  /** Lets go of the file handle where there is one; the source cannot be read afterwards. */
  close(): Promise<void>;
}

const nothingToClose = (): Promise<void> => Promise.resolve();

/** A source over bytes in memory; reads are views, not copies. */
export function bytesSource(bytes: Uint8Array | ArrayBuffer, name = 'bytes'): ByteSource {
  // A plain view, because the methods of Node's Buffer differ from those of Uint8Array (`slice` does not
  // copy).
  const view =
    bytes instanceof Uint8Array
      ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      : new Uint8Array(bytes);
  return {
    name,
    sizeBytes: view.byteLength,
    read: async (start, end) => exactly(view.subarray(start, end), end - start, name),
    close: nothingToClose,
  };
}

/** A source over a Blob or File; only the pieces asked for are read. */
export function blobSource(
  blob: Blob,
  name: string = 'name' in blob ? String(blob.name) : 'blob',
): ByteSource {
  return {
    name,
    sizeBytes: blob.size,
    read: async (start, end) => {
      let buffer: ArrayBuffer;
      try {
        buffer = await blob.slice(start, end).arrayBuffer();
      } catch (cause) {
        throw badFile(
          name,
          `bytes ${start} to ${end} cannot be read`,
          'the file must stay as it was when it was chosen',
          'choose the file again',
          cause,
        );
      }
      return exactly(new Uint8Array(buffer), end - start, name);
    },
    close: nothingToClose,
  };
}

/** `bytes`, having checked that there are as many as were asked for. */
export function exactly(bytes: Uint8Array, sizeBytes: number, name: string): Uint8Array {
  if (bytes.byteLength === sizeBytes) return bytes;
  throw badFile(
    name,
    `${bytes.byteLength} bytes came where ${sizeBytes} were asked for`,
    'the file must not change while it is open',
    'open the file again',
  );
}

/**
 * The whole source as text, without a byte order mark. Throws `bad-file` above `maxBytes` (before reading) and for bytes that are not
 * UTF-8.
 */
export async function readText(source: ByteSource, maxBytes: number): Promise<string> {
  if (source.sizeBytes > maxBytes) {
    throw badFile(
      source.name,
      `the file has ${source.sizeBytes} bytes`,
      `a file of this kind has at most ${maxBytes}`,
      'check that it is the file it claims to be',
    );
  }
  const bytes = await source.read(0, source.sizeBytes);
  refuseForeign(bytes, source.name, 'it must be JSON');
  const text = decodeUtf8(bytes, source.name, 'the file');
  // Some editors begin a file with a byte order mark.
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/**
 * `bytes` as text; a byte order mark is kept, so that what follows refuses it. Throws `bad-file` if not
 * UTF-8.
 */
export function decodeUtf8(bytes: Uint8Array, subject: string, part: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw badFile(
      subject,
      `${part} is not UTF-8 text`,
      `${part} must be JSON in UTF-8`,
      'get the file again, it may be damaged or another kind of file',
      cause,
    );
  }
}
