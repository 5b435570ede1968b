import { TilewrightError } from '@tilewright/kernels';
import type { MutableCounters } from './counters.ts';
import type { ErrorScopes } from './error-scopes.ts';

/** A buffer, or a part of one. */
export interface BufferSlice {
  readonly buffer: GPUBuffer;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

// GPUBufferUsage and GPUMapMode are globals only once a GPU was found; their values are fixed by the specification.
const usage = { mapRead: 0x1, copySrc: 0x4, copyDst: 0x8, uniform: 0x40, storage: 0x80 } as const;
const mapModeRead = 0x1;

/** A reusable way back to the host; a read that begins before the last one ended allocates a buffer of its own. */
export interface Readback {
  /** The bytes as the work submitted so far leaves them. Throws what went wrong on the device, or `disposed`. */
  read(slice: BufferSlice): Promise<Uint8Array>;
  dispose(): void;
}

export interface Memory {
  /** A zeroed storage buffer of at least `sizeBytes` (rounded up to 16). Throws `limit-exceeded` or `bad-argument`. */
  storage(sizeBytes: number, label: string): GPUBuffer;
  uniform(sizeBytes: number, label: string): GPUBuffer;
  free(buffer: GPUBuffer): void;
  /** Whether the buffer was made here and is gone; false for buffers made elsewhere. */
  wasFreed(buffer: GPUBuffer): boolean;
  /** How many buffers were freed so far, of all devices: while it stays the same, so does {@link wasFreed}. */
  frees(): number;
  /** Whether the buffer was made by the memory of another GPUDevice. */
  isForeign(buffer: GPUBuffer): boolean;
  /** Copies bytes to the GPU. Whatever view is given, only its bytes are handed to the queue. */
  upload(slice: BufferSlice, data: ArrayBufferView | ArrayBuffer, offsetBytes?: number): void;
  /** Sets every byte to zero, by the queue. */
  clear(slice: BufferSlice): void;
  /** Copies bytes on the device, into a slice as long. */
  copy(from: BufferSlice, to: BufferSlice): void;
  download(slice: BufferSlice): Promise<Uint8Array>;
  /** A buffer for reading up to `sizeBytes` again and again without allocating. */
  readback(sizeBytes: number, label: string): Readback;
  freeAll(): void;
}

/** Throws `bad-argument` for a number of bytes or elements that nothing can have. */
export function assertSizes(subject: string, sizes: readonly number[]): void {
  for (const size of sizes)
    if (!Number.isSafeInteger(size) || size < 0)
      throw new TilewrightError('bad-argument', {
        subject,
        problem: `a size is ${size}`,
        requirement:
          size > Number.MAX_SAFE_INTEGER ? 'no buffer holds as much' : 'it must be a non-negative integer',
      });
}

/** The device of every buffer made here; null once it was freed. */
const owners = new WeakMap<GPUBuffer, GPUDevice | null>();

let freed = 0;

const wasFreed = (buffer: GPUBuffer): boolean => owners.get(buffer) === null;

export function createMemory(
  device: GPUDevice,
  counters: MutableCounters,
  scopes: ErrorScopes,
  assertUsable: () => void,
): Memory {
  const alive = new Set<GPUBuffer>();

  const create = (sizeBytes: number, flags: number, label: string): GPUBuffer => {
    const size = Math.max(16, Math.ceil(sizeBytes / 16) * 16);
    if (size > device.limits.maxBufferSize)
      throw new TilewrightError('limit-exceeded', {
        subject: label,
        problem: `a buffer of ${size} bytes is too large for this device`,
        requirement: `its maxBufferSize is ${device.limits.maxBufferSize} bytes`,
        fix: 'split the tensor, choose a smaller variant, or a shorter maximum length',
      });
    assertSizes(label, [sizeBytes]);
    const buffer = scopes.run(() => device.createBuffer({ size, usage: flags, label }));
    alive.add(buffer);
    owners.set(buffer, device);
    counters.buffersCreated++;
    counters.buffersAlive++;
    counters.bytesAlive += size;
    counters.peakBytesAlive = Math.max(counters.peakBytesAlive, counters.bytesAlive);
    return buffer;
  };
  const free = (buffer: GPUBuffer): void => {
    if (!alive.delete(buffer)) return;
    counters.buffersAlive--;
    counters.bytesAlive -= buffer.size;
    owners.set(buffer, null);
    freed++;
    buffer.destroy();
  };
  const readback = (sizeBytes: number, label: string): Readback => {
    const staging = create(sizeBytes, usage.mapRead | usage.copyDst, label);
    let busy = false;
    return {
      async read(slice) {
        // Waiting instead would copy what a later run wrote.
        if (busy) return download(slice);
        busy = true;
        try {
          const size = Math.ceil(slice.sizeBytes / 4) * 4;
          const mapped = scopes.run(() => {
            const encoder = device.createCommandEncoder();
            encoder.copyBufferToBuffer(slice.buffer, slice.offsetBytes, staging, 0, size);
            device.queue.submit([encoder.finish()]);
            return staging.mapAsync(mapModeRead, 0, size);
          });
          // A lost device may say so a moment after the end of its reads.
          await mapped.catch(() => new Promise((done) => setTimeout(done)));
          await scopes.settled();
          assertUsable();
          if (wasFreed(staging))
            throw new TilewrightError('disposed', {
              subject: label,
              problem: 'it was read after dispose()',
            });
          return new Uint8Array(staging.getMappedRange(0, size).slice(0, slice.sizeBytes));
        } finally {
          staging.unmap();
          busy = false;
        }
      },
      dispose: () => free(staging),
    };
  };
  const download = async (slice: BufferSlice): Promise<Uint8Array> => {
    const reader = readback(slice.sizeBytes, `download of ${slice.buffer.label}`);
    try {
      return await reader.read(slice);
    } finally {
      reader.dispose();
    }
  };
  return {
    storage: (sizeBytes, label) => create(sizeBytes, usage.storage | usage.copyDst | usage.copySrc, label),
    uniform: (sizeBytes, label) => create(sizeBytes, usage.uniform | usage.copyDst, label),
    free,
    wasFreed,
    frees: () => freed,
    isForeign: (buffer) => (owners.get(buffer) ?? device) !== device,
    upload(slice, data, offsetBytes = 0) {
      const bytes = ArrayBuffer.isView(data)
        ? new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength)
        : new Uint8Array(data);
      if (offsetBytes + bytes.byteLength > slice.sizeBytes)
        throw new TilewrightError('bad-shape', {
          subject: slice.buffer.label || 'upload',
          problem: `${bytes.byteLength} bytes were given at offset ${offsetBytes}`,
          requirement: `the tensor holds ${slice.sizeBytes} bytes`,
        });
      const at = slice.offsetBytes + offsetBytes;
      const whole = bytes.byteLength & ~3;
      scopes.run(() => {
        if (whole > 0) device.queue.writeBuffer(slice.buffer, at, bytes, 0, whole);
        if (whole === bytes.byteLength) return;
        // writeBuffer counts in words: the last one is padded, which the buffer's rounded size has room for.
        const last = new Uint8Array(4);
        last.set(bytes.subarray(whole));
        device.queue.writeBuffer(slice.buffer, at + whole, last);
      });
    },
    copy: (from, to) =>
      scopes.run(() => {
        const encoder = device.createCommandEncoder();
        encoder.copyBufferToBuffer(from.buffer, from.offsetBytes, to.buffer, to.offsetBytes, from.sizeBytes);
        device.queue.submit([encoder.finish()]);
      }),
    clear(slice) {
      scopes.run(() => {
        const encoder = device.createCommandEncoder();
        encoder.clearBuffer(slice.buffer, slice.offsetBytes, Math.ceil(slice.sizeBytes / 4) * 4);
        device.queue.submit([encoder.finish()]);
      });
    },
    download,
    readback,
    freeAll() {
      for (const buffer of alive) free(buffer);
    },
  };
}
