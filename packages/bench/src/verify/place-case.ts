import { evaluate, f32ToStoredF16Bits, type Program } from '@tilewright/kernels';
import { type BufferSlice, bytesPerElement, type Device, elementCount } from '@tilewright/runtime';
import type { DrawnTensor } from './draw-inputs.ts';
import { outputOf, type PreparedCase } from './prepare-case.ts';
import { rowPlaces } from './row-places.ts';

/** Bytes on either side of every tensor that nobody may write. */
export const guardBytes = 256;
/** A NaN, so that an element nobody wrote cannot pass. */
export const sentinel = 0x7fc0_dead;

export interface PlacedCase {
  readonly bindings: Readonly<Record<string, BufferSlice>>;
  dispose(): void;
}

/**
 * Puts every binding of a Program into a buffer of its own, between guard words, outputs filled with sentinels.
 * Whatever `shared` holds under its name is bound instead, scratch excepted.
 */
export function placeCase(
  device: Device,
  prepared: PreparedCase,
  program: Program,
  shared: Readonly<Record<string, BufferSlice>> = {},
): PlacedCase {
  const { check, input, problem, drawn } = prepared;
  const buffers: GPUBuffer[] = [];
  const place = (sizeBytes: number, label: string): BufferSlice => {
    const words = Math.ceil(sizeBytes / 4) + (2 * guardBytes) / 4;
    const buffer = device.memory.storage(words * 4, label);
    buffers.push(buffer);
    const whole = { buffer, offsetBytes: 0, sizeBytes: words * 4 };
    device.memory.upload(whole, new Uint32Array(words).fill(sentinel));
    return { buffer, offsetBytes: guardBytes, sizeBytes };
  };
  const bindings: Record<string, BufferSlice> = {};
  const dispose = (): void => {
    for (const buffer of buffers) device.memory.free(buffer);
  };
  try {
    for (const { name, role } of program.bindings) {
      const tensor = drawn.get(name);
      if (role === 'scratch') {
        const scratch = program.scratch.find((each) => each.name === name)!;
        bindings[name] = place(evaluate(scratch.sizeBytes, { ...problem.axes, ...input.uniforms }), name);
      } else if (shared[name]) {
        bindings[name] = shared[name];
      } else if (tensor) {
        const bytes = tensor.weight?.bytes ?? encodeTensor(tensor);
        bindings[name] = place(bytes.byteLength, name);
        device.memory.upload(bindings[name], bytes);
      } else {
        const { shape, dtype } = outputOf(check, problem, name);
        const count = elementCount(shape);
        const places = rowPlaces(check, input, problem, name, count);
        bindings[name] = place((places?.elements ?? count) * bytesPerElement(dtype), name);
      }
    }
  } catch (error) {
    dispose();
    throw error;
  }
  return { bindings, dispose };
}

export const encodeTensor = ({ data, root, dtype }: DrawnTensor): ArrayBufferView =>
  dtype === 'f16' ? Uint16Array.from(root ?? data, f32ToStoredF16Bits) : (root ?? data);
