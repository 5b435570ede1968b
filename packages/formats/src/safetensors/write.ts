import { checkOptions, having, textsByName, TilewrightError } from '@tilewright/kernels';
import { formatBytes, type HostTensor, type StateDict } from '@tilewright/kernels/weights';
import { denseDType, dtypeBytes } from '@tilewright/kernels/weights/dense';
import { headerDtype } from './dtypes.ts';
import { formatRecords, formatsKey } from './format-records.ts';

/**
 * The pieces of a safetensors file, to be written one after the other (a Blob takes them as they are): the
 * header, then the bytes of each tensor, not copied. Same state, same bytes, whatever the order of the map.
 *
 * Dense tensors are stored by the standard dtypes. A compressed one is stored as its u32 words, and
 * `__metadata__` says its format and shape, so that {@link openSafetensors} gives it back and other readers
 * still open the file.
 * Throws `bad-format` for a tensor whose bytes are not what its format and shape take, `bad-argument` for a
 * name or metadata key that the format or this library reserves, for what is no Map of tensors, and for metadata that are no texts.
 */
export function safetensorsParts(
  state: StateDict,
  metadata: Readonly<Record<string, string>> = {},
): readonly Uint8Array[] {
  checkOptions(
    'writeSafetensors',
    { state, metadata },
    { state: having('a Map of tensors by name', 'get', 'size'), metadata: textsByName },
  );
  for (const [kind, name] of [
    ['tensor', '__metadata__'],
    ['metadata', formatsKey],
  ] as const) {
    if (kind === 'tensor' ? state.has(name) : Object.hasOwn(metadata, name)) {
      throw new TilewrightError('bad-argument', {
        subject: 'writeSafetensors',
        problem: `a ${kind} is called '${name}'`,
        requirement: 'that name is reserved',
        fix: 'choose another name',
      });
    }
  }
  const sorted = [...state].sort(([a, x], [b, y]) => alignmentOf(y) - alignmentOf(x) || (a < b ? -1 : 1));
  const records = formatRecords(new Map(sorted));
  const allMetadata = { ...metadata, ...(records === undefined ? {} : { [formatsKey]: records }) };
  const entries: [string, unknown][] =
    Object.keys(allMetadata).length === 0 ? [] : [['__metadata__', allMetadata]];
  let offset = 0;
  for (const [name, tensor] of sorted) {
    checkBytes(name, tensor);
    const end = offset + tensor.bytes.byteLength;
    entries.push([name, { ...storedAs(tensor), data_offsets: [offset, end] }]);
    offset = end;
  }
  const header = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  // Spaces after the header bring the data to a multiple of 8; with the widest elements first, all are
  // aligned.
  const headerBytes = Math.ceil(header.byteLength / 8) * 8;
  const head = new Uint8Array(8 + headerBytes).fill(32);
  new DataView(head.buffer).setBigUint64(0, BigInt(headerBytes), true);
  head.set(header, 8);
  return [head, ...sorted.map(([, tensor]) => tensor.bytes)];
}

/** A whole safetensors file in memory: {@link safetensorsParts}, joined. */
export function writeSafetensors(
  state: StateDict,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const parts = safetensorsParts(state, metadata);
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.byteLength;
  }
  return file;
}

const alignmentOf = ({ format }: HostTensor): number => dtypeBytes(denseDType(format) ?? 'u32');

function storedAs({ format, shape, bytes }: HostTensor): { dtype: string; shape: readonly number[] } {
  const dtype = denseDType(format);
  if (dtype !== undefined) return { dtype: headerDtype(dtype), shape };
  return { dtype: 'U32', shape: [bytes.byteLength / 4] };
}

function checkBytes(name: string, { format, shape, bytes }: HostTensor): void {
  const wanted = formatBytes(format, shape);
  if (bytes.byteLength === wanted) return;
  throw new TilewrightError('bad-format', {
    subject: name,
    problem: `the tensor has ${bytes.byteLength} bytes`,
    requirement: `${format.name} of shape [${shape.join(', ')}] takes ${wanted}`,
    fix: 'pack the tensor again',
  });
}
