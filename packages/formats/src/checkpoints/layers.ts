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
  /** The tensor `NAME.suffix`, which is taken; undefined where there is none. Throws `bad-file` where it is of none of these types, if any. */
  optional(suffix: string, ...dtypes: readonly DenseDType[]): StoredTensor | undefined;
  /** The same where there must be one. */
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
    const layer = layerOf(base, tensors, mine);
    const weight = await make(layer, base);
    if (weight === undefined) continue;
    const [rows, columns] = weight.shape;
    if (!(rows > 0 && columns > 0))
      layer.refuse(`the weight of ${base} has shape ${shown(weight.shape)}`, 'it has rows and columns');
    if (tensors.has(published(base)) && !mine.has(published(base)))
      layer.refuse(`there are both ${name} and ${published(base)}`, 'a layer has one weight');
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
  const optional: Layer['optional'] = (suffix, ...dtypes) => {
    const found = tensors.get(name + suffix);
    if (!found) return undefined;
    taken.add(name + suffix);
    if (dtypes.length === 0 || dtypes.includes(found.dtype)) return found;
    return refuse(`${name}${suffix} is stored as ${found.dtype}`, `it is ${dtypes.join(' or ')}`);
  };
  return {
    name,
    optional,
    refuse,
    required: (suffix, ...dtypes) =>
      optional(suffix, ...dtypes) ??
      refuse(`there is no tensor ${name}${suffix}`, 'the other tensors of the layer ask for it'),
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

/** Numbers of a tensor of whole numbers, i64, i32 or u8; so many of them. */
export async function wholeNumbers(
  layer: Layer,
  suffix: string,
  tensor: StoredTensor,
  count: number,
): Promise<readonly number[]> {
  const bytes = await bytesOf(tensor);
  const step = { i64: 8, i32: 4 }[String(tensor.dtype)] ?? 1;
  if (bytes.length !== step * count)
    layer.refuse(
      `${layer.name}${suffix} has shape ${shown(tensor.shape)}`,
      `it holds ${count} number${count > 1 ? 's' : ''}`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: count }, (_, i) =>
    step === 8 ? Number(view.getBigInt64(8 * i, true)) : step === 4 ? view.getInt32(4 * i, true) : bytes[i]!,
  );
}

/** The two sizes of a tensor. Refuses one that is not a matrix. */
export function matrixOf(layer: Layer, suffix: string, { shape }: StoredTensor): readonly [number, number] {
  if (shape.length !== 2 || shape.includes(0))
    layer.refuse(
      `${layer.name}${suffix} has shape ${shown(shape)}`,
      'it is a matrix of at least one row and column',
    );
  return shape as unknown as readonly [number, number];
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

/**
 * The groups of columns as the format holds them, padded to whole blocks; undefined where they are runs of `group`. Refuses one that is not
 * among `groups`.
 */
export async function indexOfGroups(
  layer: Layer,
  suffix: string,
  order: StoredTensor,
  [columns, group, groups]: readonly [columns: number, group: number, groups: number],
): Promise<Uint8Array | undefined> {
  expectShape(layer, suffix, order.shape, [columns]);
  const index = await wordsOf(order);
  let isPlain = true;
  const places = new Uint16Array(32 * Math.ceil(columns / 32));
  for (let i = 0; i < columns; i++) {
    if (index[i]! >= groups)
      layer.refuse(`${layer.name}${suffix} names a group that is not there`, `there are ${groups}`);
    places[i] = index[i]!;
    if (index[i] !== Math.floor(i / group)) isPlain = false;
  }
  return isPlain ? undefined : new Uint8Array(places.buffer);
}
