import { TilewrightError } from '@tilewright/kernels';
import type { MutableCounters } from './counters.ts';

/** A buffer, or a part of one. */
export interface BufferSlice {
  readonly buffer: GPUBuffer;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

// GPUBufferUsage and GPUMapMode are globals only once a GPU was found; their values are fixed by the specification.
const usage = { mapRead: 0x1, copySrc: 0x4, copyDst: 0x8, uniform: 0x40, storage: 0x80 } as const;
const mapModeRead = 0x1;

/** A reusable way back to the host; one read at a time. */
export interface Readback {
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
  /** Copies bytes to the GPU. Whatever view is given, only its bytes are handed to the queue. */
  upload(slice: BufferSlice, data: ArrayBufferView | ArrayBuffer, offsetBytes?: number): void;
  /** Sets every byte to zero, by the queue. */
  clear(slice: BufferSlice): void;
  download(slice: BufferSlice): Promise<Uint8Array>;
  /** A buffer for reading up to `sizeBytes` again and again without allocating. */
  readback(sizeBytes: number, label: string): Readback;
  freeAll(): void;
}

export function createMemory(device: GPUDevice, counters: MutableCounters): Memory {
  const alive = new Set<GPUBuffer>();
  const freed = new WeakSet<GPUBuffer>();

  const create = (sizeBytes: number, flags: number, label: string): GPUBuffer => {
    if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0)
      throw new TilewrightError('bad-argument', {
        subject: label,
        problem: `the size of the buffer is ${sizeBytes} bytes`,
        requirement: 'a size is a non-negative integer',
      });
    const size = Math.max(16, Math.ceil(sizeBytes / 16) * 16);
    if (size > device.limits.maxBufferSize)
      throw new TilewrightError('limit-exceeded', {
        subject: label,
        problem: `a buffer of ${size} bytes is too large for this device`,
        requirement: `its maxBufferSize is ${device.limits.maxBufferSize} bytes`,
        fix: 'split the tensor, or choose a smaller model or a smaller maximum length',
      });
    const buffer = device.createBuffer({ size, usage: flags, label });
    alive.add(buffer);
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
    freed.add(buffer);
    buffer.destroy();
  };
  const readback = (sizeBytes: number, label: string): Readback => {
    const staging = create(sizeBytes, usage.mapRead | usage.copyDst, label);
    return {
      async read(slice) {
        const size = Math.ceil(slice.sizeBytes / 4) * 4;
        const encoder = device.createCommandEncoder();
        encoder.copyBufferToBuffer(slice.buffer, slice.offsetBytes, staging, 0, size);
        device.queue.submit([encoder.finish()]);
        await staging.mapAsync(mapModeRead, 0, size);
        const bytes = new Uint8Array(staging.getMappedRange(0, size).slice(0, slice.sizeBytes));
        staging.unmap();
        return bytes;
      },
      dispose: () => free(staging),
    };
  };
  return {
    storage: (sizeBytes, label) => create(sizeBytes, usage.storage | usage.copyDst | usage.copySrc, label),
    uniform: (sizeBytes, label) => create(sizeBytes, usage.uniform | usage.copyDst, label),
    free,
    wasFreed: (buffer) => freed.has(buffer),
    upload(slice, data, offsetBytes = 0) {
      const bytes = ArrayBuffer.isView(data)
        ? new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength)
        : new Uint8Array(data);
      if (offsetBytes + bytes.byteLength > slice.sizeBytes)
        throw new TilewrightError('bad-shape', {
          subject: slice.buffer.label || 'upload',
          problem: `${bytes.byteLength} bytes were given at offset ${offsetBytes}`,
          requirement: `the tensor holds ${slice.sizeBytes} bytes`,
          fix: 'give exactly as much data as the shape needs',
        });
      const whole = bytes.byteLength & ~3;
      if (whole > 0) device.queue.writeBuffer(slice.buffer, slice.offsetBytes + offsetBytes, bytes, 0, whole);
      if (whole < bytes.byteLength) {
        // writeBuffer counts in words: the last one is padded, which the buffer's rounded size has room for.
        const last = new Uint8Array(4);
        last.set(bytes.subarray(whole));
        device.queue.writeBuffer(slice.buffer, slice.offsetBytes + offsetBytes + whole, last);
      }
    },
    clear(slice) {
      const encoder = device.createCommandEncoder();
      encoder.clearBuffer(slice.buffer, slice.offsetBytes, Math.ceil(slice.sizeBytes / 4) * 4);
      device.queue.submit([encoder.finish()]);
    },
    async download(slice) {
      const reader = readback(slice.sizeBytes, `download of ${slice.buffer.label}`);
      try {
        return await reader.read(slice);
      } finally {
        reader.dispose();
      }
    },
    readback,
    freeAll() {
      for (const buffer of alive) free(buffer);
    },
  };
}
