// Sources of what a caller hands over: it is checked first, for a Uint8Array is made of anything, of a text for instance an empty one.
import { checkOptions, type OptionKind, optional } from '@tilewright/kernels';
import * as sources from './source.ts';

/** What a file in memory is. */
export const givenBytes: OptionKind = {
  what: 'a Uint8Array or an ArrayBuffer',
  accepts: (value) => value instanceof Uint8Array || value instanceof ArrayBuffer,
};

const named: OptionKind = { what: 'a text', accepts: (value) => typeof value === 'string' };

/** A source over bytes in memory; reads are views, not copies. Throws `bad-argument` for what is no bytes. */
export function bytesSource(bytes: Uint8Array | ArrayBuffer, name?: string): sources.ByteSource {
  checkOptions('bytesSource', { bytes, name }, { bytes: givenBytes, name: optional(named) });
  return sources.bytesSource(bytes, name);
}

/** A source over a Blob or File; only the pieces asked for are read. Throws `bad-argument` for what is neither. */
export function blobSource(blob: Blob, name?: string): sources.ByteSource {
  const aBlob: OptionKind = { what: 'a Blob or a File', accepts: (value) => value instanceof Blob };
  checkOptions('blobSource', { blob, name }, { blob: aBlob, name: optional(named) });
  return sources.blobSource(blob, name);
}
