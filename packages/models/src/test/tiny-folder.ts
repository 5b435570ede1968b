// What the tiny models share: weights that repeat from run to run, and a folder in memory that holds them.
import { memoryFiles, type ModelSource, openModelFolder, writeSafetensors } from '@tilewright/formats';
import type { HostTensor } from '@tilewright/kernels';
import { packDense } from '@tilewright/kernels/weights/dense';

/** What differs from a tiny model: fields of its config, tensors (undefined takes one out), further files. */
export interface TinyChange {
  readonly config?: object;
  readonly tensors?: Readonly<Record<string, HostTensor | undefined>>;
  readonly files?: Readonly<Record<string, string>>;
}

/** Adds an f32 tensor of numbers from −1 to 1, which follow from the seed and from what was added before. */
export type AddTensor = (name: string, ...shape: number[]) => void;

/** A state dict of the tensors that `fill` adds. */
export function tinyWeights(firstSeed: number, fill: (add: AddTensor) => void): Map<string, HostTensor> {
  let seed = firstSeed;
  const next = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 31 - 1;
  };
  const state = new Map<string, HostTensor>();
  fill((name, ...shape) => {
    const count = shape.reduce((product, size) => product * size, 1);
    state.set(name, packDense(Float32Array.from({ length: count }, next), shape, 'f32'));
  });
  return state;
}

/** Opens a folder in memory; `state` is changed as asked. */
export function tinyFolder(
  name: string,
  plainConfig: object,
  state: Map<string, HostTensor>,
  { config = {}, tensors = {}, files = {} }: TinyChange,
): Promise<ModelSource> {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  for (const [tensorName, tensor] of Object.entries(tensors)) {
    if (tensor) state.set(tensorName, tensor);
    else state.delete(tensorName);
  }
  return openModelFolder(
    memoryFiles(
      new Map([
        ['config.json', bytes(JSON.stringify({ ...plainConfig, ...config }))],
        ['model.safetensors', writeSafetensors(state)],
        ...Object.entries(files).map(([path, text]) => [path, bytes(text)] as const),
      ]),
      name,
    ),
  );
}
