// bitsandbytes: nf4 and fp4 in blocks of the flat weight, whose largest magnitudes may be compressed again, and int8 by rows.
// Source: https://github.com/bitsandbytes-foundation/bitsandbytes (MIT).
import { codebook } from '@tilewright/kernels/weights/codebook';
import { fp4, fp4Numbers } from '@tilewright/kernels/weights/fp4';
import { integer } from '@tilewright/kernels/weights/integer';
import { nf4, nf4Numbers } from '@tilewright/kernels/weights/nf4';
import { shown } from '../bad-file.ts';
import { isJsonObject, parseJson } from '../json/parse-json.ts';
import type { StoredTensor } from '../safetensors/open.ts';
import type { Checkpoint, StoredTensors } from './checkpoint.ts';
import { bytesOf, expectShape, type Layer, type MadeWeight, withWeights } from './layers.ts';
import { nibblesHighFirst } from './nibbles.ts';

const { fround } = Math;

async function numbersOf(tensor: StoredTensor): Promise<Float32Array> {
  const { buffer, byteOffset, byteLength } = await bytesOf(tensor);
  return new Float32Array(buffer, byteOffset, byteLength >> 2);
}

/** Ends of the names of tensors that describe layers of four bits. */
const states = ['.weight.quant_state.bitsandbytes__nf4', '.weight.quant_state.bitsandbytes__fp4'];

/** What a layer says of itself, as JSON in a tensor of bytes. */
interface State {
  readonly blocksize: number;
  readonly shape: readonly [number, number];
  readonly nestedBlocksize: number;
  readonly nestedOffset: number;
}

async function stateOf(layer: Layer, tensor: StoredTensor): Promise<State> {
  const text = new TextDecoder().decode(await bytesOf(tensor));
  const json = parseJson(text, { subject: layer.name, part: 'its quant_state', maxDepth: 8 });
  const field = (name: string): unknown => (isJsonObject(json) ? json.get(name) : undefined);
  const [blocksize, shape] = [field('blocksize'), field('shape')];
  if (typeof blocksize !== 'number' || !Number.isInteger(blocksize) || blocksize < 1)
    layer.refuse(
      `the quant_state of ${layer.name} has the blocksize ${shown(blocksize)}`,
      'it is a positive whole number',
    );
  if (
    !Array.isArray(shape) ||
    shape.length !== 2 ||
    !shape.every((size) => Number.isSafeInteger(size) && Number(size) > 0)
  )
    layer.refuse(`the quant_state of ${layer.name} has the shape ${shown(shape)}`, 'it is that of a matrix');
  return {
    blocksize: blocksize as number,
    shape: shape as unknown as [number, number],
    nestedBlocksize: Number(field('nested_blocksize') ?? 256),
    nestedOffset: fround(Number(field('nested_offset') ?? 0)),
  };
}

/** The largest magnitudes of blocks, which the second compression holds as codes. */
async function magnitudes(layer: Layer, absmax: StoredTensor, state: State): Promise<Uint8Array> {
  if (absmax.dtype === 'f32') return await bytesOf(absmax);
  const codes = await bytesOf(absmax);
  const map = await numbersOf(layer.required('.weight.nested_quant_map', 'f32'));
  const nested = await numbersOf(layer.required('.weight.nested_absmax', 'f32'));
  const values = Float32Array.from(codes, (code, block) =>
    fround(fround(map[code]! * nested[Math.floor(block / state.nestedBlocksize)]!) + state.nestedOffset),
  );
  return new Uint8Array(values.buffer);
}

const same = (a: ArrayLike<number>, b: readonly number[]): boolean =>
  a.length === b.length && b.every((value, i) => value === a[i]);

async function fourBits(layer: Layer, described: string): Promise<MadeWeight> {
  const packed = layer.required('.weight', 'u8');
  const state = await stateOf(layer, layer.required(described, 'u8'));
  const [out, columns] = state.shape;
  const count = out * columns;
  expectShape(layer, '.weight', [packed.sizeBytes], [Math.ceil(count / 2)]);
  const absmax = layer.required('.weight.absmax', 'f32', 'u8');
  expectShape(layer, '.weight.absmax', absmax.shape, [Math.ceil(count / state.blocksize)]);
  const map = await numbersOf(layer.required('.weight.quant_map', 'f32'));
  const scales = await magnitudes(layer, absmax, state);
  // Blocks that end with rows are groups of rows.
  const isRows = columns % state.blocksize === 0;
  const parameters = {
    group: state.blocksize,
    scale: 'f32',
    ...(!isRows && ({ places: 'flat' } as const)),
  } as const;
  const isOurs = same(map, nf4Numbers) || same(map, fp4Numbers);
  const ours = same(map, nf4Numbers) ? nf4 : fp4;
  return {
    format: isOurs ? ours(parameters) : codebook({ ...parameters, bits: 4 }),
    shape: [out, columns],
    parts: async () => ({
      codes: nibblesHighFirst(await bytesOf(packed), count),
      sections: { scales, ...(!isOurs && { numbers: new Uint8Array(map.slice().buffer) }) },
    }),
  };
}

async function eightBits(layer: Layer): Promise<MadeWeight> {
  const weight = layer.required('.weight', 'i8');
  const [out, columns] = weight.shape as [number, number];
  const scales = layer.required('.SCB', 'f32');
  expectShape(layer, '.SCB', scales.shape, [out]);
  const order = layer.optional('.weight_format');
  const [number] = order ? await bytesOf(order) : [0];
  if (number !== 0)
    layer.refuse(`${layer.name}.weight_format is ${number}`, 'rows one after the other, 0, are read here');
  return {
    format: integer({ bits: 8, group: 'row', scale: 'f32', unit: fround(1 / 127) }),
    shape: [out, columns],
    parts: async () => ({
      codes: (await bytesOf(weight)).map((byte) => byte ^ 128),
      sections: { scales: await bytesOf(scales) },
    }),
  };
}

/** Models that bitsandbytes compressed to nf4, fp4 or int8. */
export const bitsandbytes: Checkpoint = {
  method: 'bitsandbytes',
  async tensors(_, tensors) {
    let result: StoredTensors = await withWeights(tensors, '.SCB', eightBits);
    for (const state of states) result = await withWeights(result, state, (layer) => fourBits(layer, state));
    return result;
  },
};
