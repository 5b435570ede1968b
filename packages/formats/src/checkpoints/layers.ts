// The layers of a compressed model, and their tensors.
import { type GroupedFormat, type GroupedParts, packGrouped } from '@tilewright/kernels/weights';
import type { DenseDType } from '@tilewright/kernels/weights/dense';
import { badFile, shown } from '../bad-file.ts';
import type { StoredTensor } from '../safetensors/open.ts';
import type { StoredTensors } from './checkpoint.ts';

/** The tensors of one layer: those whose names begin with its own. */
export interface Layer {
  /** Such as `model.layers.0.mlp.up_proj`. */
  readonly name: string;
  /** The tensor `NAME.suffix`, which is taken; undefined where there is none. */
  optional(suffix: string): StoredTensor | undefined;
  /** The same where there must be one, of one of these types. Throws `bad-file`. */
  required(suffix: string, ...dtypes: readonly DenseDType[]): StoredTensor;
  /** The error of this layer. */
  refuse(problem: string, requirement: string): never;
}

/** A weight that a layer stands for. */
export interface MadeWeight {
  readonly format: GroupedFormat;
  readonly shape: readonly [rows: number, columns: number];
  /** Codes and sections, read when they are asked for. */
  parts(): Promise<GroupedParts>;
}

/**
 * Tensors with the weight `NAME.weight` for each layer that has the tensor `NAME.mark`; what `make` took of a layer is gone, and all
 * else is as it was. Where `make` gives undefined, the layer stays.
 */
export async function withWeights(
  tensors: StoredTensors,
  mark: string,
  make: (layer: Layer, name: string) => Promise<MadeWeight | undefined>,
  published: (name: string) => string = (name) => `${name}.weight`,
): Promise<StoredTensors> {
  const taken = new Set<string>();
  const made = new Map<string, StoredTensor>();
  for (const name of tensors.keys()) {
    if (!name.endsWith(mark)) continue;
    const base = name.slice(0, -mark.length);
    const mine = new Set<string>();
    const weight = await make(layerOf(base, tensors, mine), base);
    if (weight === undefined) continue;
    for (const each of mine) taken.add(each);
    made.set(published(base), storedWeight(published(base), weight));
  }
  const others = [...tensors].filter(([name]) => !taken.has(name) && !made.has(name));
  return new Map([...others, ...made]);
}

function layerOf(name: string, tensors: StoredTensors, taken: Set<string>): Layer {
  const refuse = (problem: string, requirement: string): never => {
    throw badFile(
      name,
      problem,
      requirement,
      'check that the weight files are complete and belong to config.json',
    );
  };
  const optional = (suffix: string): StoredTensor | undefined => {
    const found = tensors.get(name + suffix);
    if (found) taken.add(name + suffix);
    return found;
  };
  return {
    name,
    optional,
    refuse,
    required(suffix, ...dtypes) {
      const found =
        optional(suffix) ?? refuse(`there is no tensor ${name}${suffix}`, 'its settings ask for it');
      if (dtypes.includes(found.dtype)) return found;
      return refuse(`${name}${suffix} is stored as ${found.dtype}`, `it is ${dtypes.join(' or ')}`);
    },
  };
}

function storedWeight(name: string, { format, shape, parts }: MadeWeight): StoredTensor {
  const { sizeBytes } = format.sections(shape);
  return {
    dtype: 'u32',
    format,
    shape,
    sizeBytes,
    read: async () => packGrouped(name, await parts(), shape, format),
  };
}

/** A tensor's bytes at an address where typed arrays may begin. */
export async function bytesOf(tensor: StoredTensor): Promise<Uint8Array<ArrayBuffer>> {
  const { bytes } = await tensor.read();
  return bytes.byteOffset % 8 === 0 && bytes.buffer instanceof ArrayBuffer
    ? (bytes as Uint8Array<ArrayBuffer>)
    : new Uint8Array(bytes);
}

export async function wordsOf(tensor: StoredTensor): Promise<Uint32Array> {
  const { buffer, byteOffset, byteLength } = await bytesOf(tensor);
  return new Uint32Array(buffer, byteOffset, byteLength >> 2);
}

/** Refuses a shape that is not as wanted. */
export function expectShape(
  layer: Layer,
  what: string,
  got: readonly number[],
  want: readonly number[],
): void {
  if (got.join() !== want.join())
    layer.refuse(`${layer.name}${what} has shape ${shown(got)}`, `it is ${shown(want)}`);
}

/** Fields of so many bits, lowest first through 32-bit words, across their borders: field `i` of words `word(0)`, `word(1)` and so on. */
export function fieldAt(bits: number, index: number, word: (index: number) => number): number {
  const [at, shift] = [(index * bits) >>> 5, (index * bits) & 31];
  let value = word(at) >>> shift;
  if (shift + bits > 32) value |= word(at + 1) << (32 - shift);
  return value & (2 ** bits - 1);
}

/** A matrix of elements of `size` bytes, transposed. */
export function transposed(bytes: Uint8Array, rows: number, columns: number, size: number): Uint8Array {
  const result = new Uint8Array(bytes.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      for (let i = 0; i < size; i++) result[(c * rows + r) * size + i] = bytes[(r * columns + c) * size + i]!;
  return result;
}

/** Each row of a matrix of bytes as often as wanted; of `rows` in all. */
export function repeatedRows(bytes: Uint8Array, rowBytes: number, rows: number, times: number): Uint8Array {
  const result = new Uint8Array(rows * rowBytes);
  for (let r = 0; r < rows; r++) {
    const from = Math.floor(r / times) * rowBytes;
    result.set(bytes.subarray(from, from + rowBytes), r * rowBytes);
  }
  return result;
}

const scaleTypes = ['f16', 'bf16', 'f32'] as const;
export type StoredScale = (typeof scaleTypes)[number];

/** The type of a tensor of scales. */
export function scaleTypeOf(layer: Layer, suffix: string, tensor: StoredTensor): StoredScale {
  return (
    scaleTypes.find((type) => type === tensor.dtype) ??
    layer.refuse(`${layer.name}${suffix} is stored as ${tensor.dtype}`, `it is ${scaleTypes.join(' or ')}`)
  );
}
export const scaleBytes = (type: StoredScale): number => (type === 'f32' ? 4 : 2);

/** The groups of columns as the format holds them, padded to whole blocks; undefined where they are runs of `group`. */
export function indexOfGroups(index: ArrayLike<number>, group: number): Uint8Array | undefined {
  const columns = index.length;
  let isPlain = true;
  const places = new Uint16Array(32 * Math.ceil(columns / 32));
  for (let i = 0; i < columns; i++) {
    places[i] = index[i]!;
    if (index[i] !== Math.floor(i / group)) isPlain = false;
  }
  return isPlain ? undefined : new Uint8Array(places.buffer);
}
