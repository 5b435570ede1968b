import { readState, type Safetensors, shown, type StoredTensor } from '@tilewright/formats';
import type { HostTensor, StateDict } from '@tilewright/kernels';
import { denseDType, packF32, unpackDense } from '@tilewright/kernels/weights/dense';
import type { BuiltModel, PublishedWeight, StoredNames, StoredWeight } from './architectures/architecture.ts';
import { badModel } from './architectures/config-fields.ts';

const belongs = 'check that the weight files are complete and belong to config.json';

/**
 * The state of a model, in published names, made of what a source stores; and a warning for tensors that nothing reads.
 *
 * Throws `bad-model` for tensors that are missing, of another shape than the config says, or not of numbers.
 */
export async function readWeights(
  weights: Safetensors,
  stored: StoredNames,
  built: BuiltModel,
  onProgress?: (readBytes: number, totalBytes: number) => void,
): Promise<{ readonly state: StateDict; readonly warnings: readonly string[] }> {
  const { tensors } = weights;
  const made = new Map<string, StoredWeight>();
  for (const name of built.weights.keys()) {
    const weight = stored.weight(name, tensors);
    const isLacking = weight.tensors.some((tensor) => !tensors.has(tensor));
    if (!(isLacking && built.optional?.has(name))) made.set(name, weight);
  }
  const used = new Set<string>();
  for (const [name, weight] of made) {
    const found = weight.tensors.map((tensor) =>
      storedTensor(tensors, tensor, name, built.weights.get(name)!),
    );
    checkShape(name, weight.shape(found.map(({ shape }) => shape)), built.weights.get(name)!);
    for (const tensor of weight.tensors) used.add(tensor);
  }
  const read = await readState(
    { ...weights, tensors: new Map([...tensors].filter(([name]) => used.has(name))) },
    onProgress,
  );
  const state = new Map<string, HostTensor>();
  for (const [name, weight] of made)
    state.set(name, asReadable(name, weight.make(weight.tensors.map((tensor) => read.get(tensor)!))));
  const left: string[] = [];
  for (const [name, tensor] of tensors) {
    if (used.has(name) || stored.isRedundant(name)) continue;
    if (!(await isRepeated(tensor, read.get(built.repeated?.get(name) ?? '')))) left.push(name);
  }
  return { state, warnings: left.length > 0 ? [unreadTensors(left)] : [] };
}

function storedTensor(
  tensors: ReadonlyMap<string, StoredTensor>,
  tensor: string,
  name: string,
  { axes, because }: PublishedWeight,
): StoredTensor {
  const found = tensors.get(tensor);
  if (found) return found;
  throw badModel(
    name,
    tensor === name
      ? 'this tensor is not among the weights'
      : `its tensor '${tensor}' is not among the weights`,
    `config.json asks for it${because ? ` (${because})` : ''}, of shape ${shapeText(axes.map(({ size }) => size))}`,
    belongs,
  );
}

function checkShape(name: string, shape: readonly number[], { axes }: PublishedWeight): void {
  const want = axes.map(({ size }) => size);
  if (shape.join() === want.join()) return;
  const differing = axes.filter(({ size }, axis) => shape[axis] !== size);
  throw badModel(
    name,
    `the tensor has shape ${shapeText(shape)}`,
    `config.json makes it ${shapeText(want)}: ${differing.map(({ size, from }) => `${from} is ${size}`).join(', ')}`,
    'check that config.json belongs to these weights',
  );
}

const shapeText = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** Whether a tensor holds the very numbers of another, so that leaving it out loses nothing. */
async function isRepeated(
  { format, shape, read }: StoredTensor,
  of: HostTensor | undefined,
): Promise<boolean> {
  if (of?.format.id !== format.id || of.shape.join() !== shape.join()) return false;
  return (await read()).bytes.every((byte, at) => byte === of.bytes[at]);
}

const namesShown = 6;

function unreadTensors(names: readonly string[]): string {
  const more = names.length - namesShown;
  const listed = names.slice(0, namesShown).map(shown).join(', ');
  return `${names.length === 1 ? '1 tensor is' : `${names.length} tensors are`} not used by the model that config.json describes: ${listed}${more > 0 ? ` and ${more} more` : ''}`;
}

const floats: ReadonlySet<string> = new Set(['f16', 'bf16', 'f32', 'f64']);

function asReadable(name: string, tensor: HostTensor): HostTensor {
  const { format, shape } = tensor;
  const dtype = denseDType(format);
  if (dtype === undefined || format.reader !== undefined) return tensor;
  if (!floats.has(dtype))
    throw badModel(
      name,
      `the tensor is stored as ${dtype}`,
      'weights are floating-point numbers, or have a format of their own',
      'take the original model',
    );
  return packF32(unpackDense(tensor), shape);
}
