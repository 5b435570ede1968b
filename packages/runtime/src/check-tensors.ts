// What a kernel demands of the tensors it is given, and what it takes from their shapes.
import {
  distancesOf,
  holds,
  type Kernel,
  type Problem,
  rowLength,
  shapeOf,
  type Sizes,
  storageOf,
  type TensorContract,
  TilewrightError,
  viewPlaces,
  type WeightFormat,
} from '@tilewright/kernels';
import { dense } from '@tilewright/kernels/weights/dense';
import type { Device } from './device.ts';
import type { BufferSlice } from './memory.ts';
import { freedTensor } from './sequence.ts';
import { elementCount, type Tensor } from './tensor.ts';

/** What was bound, scratch buffers too, has room for the axes it was bound with. */
export function checkAxis(kernel: string, axis: string, size: number, most: number): void {
  if (Number.isSafeInteger(size) && size >= 0 && size <= most) return;
  throw new TilewrightError('bad-argument', {
    subject: kernel,
    problem: `axis '${axis}' is ${size}`,
    requirement: `it was bound with ${most}, and a run takes an integer from 0 to that`,
    fix: 'bind larger tensors',
  });
}

/** `isNamed`: the call names it, but has nothing under the name. */
export function missingTensor(
  kernel: string,
  name: string,
  names: readonly string[],
  isNamed = false,
): TilewrightError {
  return new TilewrightError('bad-argument', {
    subject: kernel,
    problem: isNamed ? `inputs.${name} is undefined` : `the tensor '${name}' is missing`,
    requirement: `the kernel binds ${names.join(', ')}`,
    fix: isNamed
      ? 'give a tensor; the call that makes it may have to be awaited'
      : `give inputs${name.includes('.') ? `['${name}']` : `.${name}`}`,
  });
}

/** A tensor that these options, or what fills the slots, leave out. */
export function unboundTensor(
  kernel: Kernel,
  name: string,
  { when }: TensorContract,
  flags: Problem['options'],
): TilewrightError {
  const [option, value] = when && !holds(when, flags) ? when : [];
  return new TilewrightError('bad-argument', {
    subject: kernel.name,
    problem: `'${name}' was given, and would not be ${name in kernel.outputs ? 'written' : 'read'}`,
    requirement: option
      ? `it belongs to the option ${option}: ${value}, which is ${flags[option]}`
      : 'the fillings given leave it out',
    fix: option ? `give options: { ${option}: ${value} }, or leave '${name}' out` : `leave '${name}' out`,
  });
}

/** A plain tensor given for a weight is a dense one. */
export function denseFormat(kernel: Kernel, name: string, { dtype }: Tensor): WeightFormat | undefined {
  if (kernel.inputs[name]?.dtype !== 'weight') return undefined;
  return dense(dtype);
}

/** The tensor is there, and stores what the contract (or the filling) says; shapes of contract tensors gave the axes. */
export function checkTensor(
  device: Device,
  kernel: Kernel,
  problem: Problem,
  name: string,
  tensor: Tensor,
): void {
  if (device.memory.wasFreed(tensor.buffer)) throw freedTensor(kernel.name, name);
  if (device.memory.isForeign(tensor.buffer))
    throw new TilewrightError('bad-argument', {
      subject: kernel.name,
      problem: `'${name}' is on another device`,
      requirement: 'a kernel reads and writes only what its own device holds',
      fix: `make '${name}' with the device that runs the kernel`,
    });
  const contract = kernel.inputs[name] ?? kernel.outputs[name];
  if (contract?.dtype === 'weight') return;
  const [slot, binding] = name.split('.') as [string, string];
  const filled = contract ? undefined : problem.slots[slot]!.bindings![binding]!;
  const chosen = problem.dtypes[name] ?? 'f32';
  const wanted = contract ? storageOf(contract, chosen) : filled!.dtype === 'float' ? chosen : filled!.dtype;
  if (tensor.dtype !== wanted || tensor.format)
    throw new TilewrightError('bad-dtype', {
      subject: kernel.name,
      problem: `'${name}' is ${tensor.format ? 'a weight' : tensor.dtype}`,
      requirement: `the kernel stores it as ${wanted}`,
      fix: `make '${name}' with dtype '${wanted}'`,
    });
  const shape = problem.views[name]
    ? undefined
    : filled?.shape.map((axis) => (typeof axis === 'number' ? axis : problem.axes[axis]!));
  // Axes of one element do not change where the others lie.
  const long = (axes: readonly number[]): string => axes.filter((size) => size !== 1).join(', ');
  if (shape && long(shape) !== long(tensor.shape))
    throw new TilewrightError('bad-shape', {
      subject: kernel.name,
      problem: `'${name}' has shape [${tensor.shape.join(', ')}]`,
      requirement: `it must be [${filled!.shape.join(', ')}], here [${shape.join(', ')}]`,
      fix: `make '${name}' of that shape`,
    });
}

/** Demands that a tensor holds the rows that a view says are part of it; `values` are those of the axes and uniforms. */
export function checkView(
  kernel: Kernel,
  problem: Problem,
  name: string,
  tensor: Tensor,
  values: Sizes,
): void {
  const view = problem.views[name];
  if (!view) return;
  for (const [uniform, distance] of distancesOf(name, view)) {
    const run = values[uniform];
    if (typeof distance === 'number' || (run !== undefined && run % distance.multipleOf === 0)) continue;
    throw new TilewrightError('bad-argument', {
      subject: kernel.name,
      problem: `uniforms.${uniform} is ${run}`,
      requirement: `the view of '${name}' says that it is a multiple of ${distance.multipleOf}`,
      fix: run === undefined ? `give uniforms.${uniform}` : `change it, or views.${name}`,
    });
  }
  const contract = kernel.inputs[name] ?? kernel.outputs[name];
  const [slot, binding] = name.split('.') as [string, string];
  const axes = contract ? shapeOf(contract, problem.options) : problem.slots[slot]!.bindings![binding]!.shape;
  const elements = axes.reduce<number>(
    (product, axis) => product * (typeof axis === 'number' ? axis : problem.axes[axis]!),
    1,
  );
  const row = view.row ?? rowLength(kernel, problem, name);
  // Rows are all that their digits can say, so that the last one of each digit lies furthest.
  const reach = viewPlaces(name, view, row, values)(elements - 1) + 1;
  const has = elementCount(tensor.shape);
  if (reach <= has) return;
  throw new TilewrightError('bad-shape', {
    subject: kernel.name,
    problem: `'${name}' has ${has} elements`,
    requirement: `its ${elements / row} rows of ${row} reach element ${reach - 1} of it`,
    fix: `give a larger tensor, or another views.${name}`,
  });
}

export function assertNoAliasing(
  kernel: string,
  bindings: readonly { readonly name: string; readonly access: string }[],
  slices: Readonly<Record<string, BufferSlice>>,
): void {
  for (const a of bindings)
    for (const b of bindings)
      if (a.access === 'read_write' && a !== b && slices[a.name]!.buffer === slices[b.name]!.buffer)
        throw new TilewrightError('bad-argument', {
          subject: kernel,
          problem: `'${a.name}' is written and shares its buffer with '${b.name}'`,
          requirement: 'WebGPU allows no buffer to be written and bound a second time in one dispatch',
          fix: `give '${a.name}' a buffer of its own`,
        });
}
