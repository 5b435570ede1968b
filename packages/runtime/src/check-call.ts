// What a caller hands over is what it stands for, by kind and by name: told before anything is planned.
import {
  aKindOf,
  isPromise,
  demandNames,
  type Kernel,
  type Problem,
  TilewrightError,
} from '@tilewright/kernels';
import { checkFilling } from './check-filling.ts';
import type { RunOptions } from './run-options.ts';

/** Options of a call, all of them. */
const optionNames: Readonly<Record<keyof RunOptions<string, string>, true>> = {
  axes: true,
  dtypes: true,
  formats: true,
  scalars: true,
  options: true,
  slots: true,
  views: true,
  inputs: true,
  outputs: true,
  uniforms: true,
  plan: true,
};

const refuse = (subject: string, problem: string, requirement: string, fix: string): never => {
  throw new TilewrightError('bad-argument', { subject, problem, requirement, fix });
};

/** The device and the kernel of a call. Throws `bad-argument` for what is neither. */
export function checkDeviceAndKernel(caller: string, device: unknown, kernel: unknown): void {
  if (typeof (device as { sequence?: unknown } | undefined)?.sequence !== 'function')
    refuse(
      caller,
      `the device is ${aKindOf(device)}`,
      'it is what openDevice resolves to',
      isPromise(device)
        ? 'write await openDevice()'
        : typeof (device as { createBuffer?: unknown } | undefined)?.createBuffer === 'function'
          ? 'write await openDevice({ device }) around your GPUDevice'
          : 'give it first, then the kernel',
    );
  checkKernel(caller, kernel);
}

/** Throws `bad-argument` for what is no kernel. */
export function checkKernel(caller: string, kernel: unknown): void {
  const { problem, plans } = (kernel ?? {}) as { problem?: unknown; plans?: unknown };
  if (typeof problem !== 'function' || typeof plans !== 'function')
    refuse(
      caller,
      `the kernel is ${aKindOf(kernel)}`,
      'it is a value of @tilewright/kernels, such as rmsNorm of @tilewright/kernels/rms-norm',
      isPromise(kernel) ? 'await the import, and take the kernel out of it' : 'import one',
    );
}

/** The names and kinds of everything in a call's options. Throws `bad-argument`. */
export function checkCall(kernel: Kernel, options: RunOptions<string, string>): void {
  const { name: subject, definition } = kernel;
  if (
    typeof options !== 'object' ||
    options === null ||
    typeof options.inputs !== 'object' ||
    options.inputs === null
  )
    refuse(
      subject,
      `the options are ${aKindOf(options)}${typeof options === 'object' && options !== null ? ' without inputs' : ''}`,
      `a call names the tensors to read: ${Object.keys(kernel.inputs).join(', ')}`,
      'give { inputs: { … } }',
    );
  demandNames(
    subject,
    options,
    Object.keys(optionNames),
    (name) => `the option '${name}' is unknown`,
    'a call has',
  );
  for (const [name, value] of Object.entries(options))
    if (value === null)
      refuse(subject, `${name} is null`, 'it takes an object', `leave ${name} out, or give { … }`);
  for (const [slot, filling] of Object.entries(options.slots ?? {}))
    if (definition.slots && slot in definition.slots) checkFilling(subject, definition.slots, slot, filling);
  for (const field of ['inputs', 'outputs'] as const)
    for (const [name, tensor] of Object.entries(options[field] ?? {})) {
      checkName(kernel, options.slots, field, name);
      if (tensor !== undefined) checkTensorKind(subject, `${field}.${name}`, tensor);
    }
  for (const field of ['dtypes', 'formats'] as const)
    for (const name of Object.keys(options[field] ?? {})) checkName(kernel, options.slots, field, name);
}

/** A tensor's name is one of the contract, or `<slot>.<binding>` of a filling that was given. */
function checkName(kernel: Kernel, slots: Problem['slots'] = {}, field: string, name: string): void {
  const known = [
    ...Object.keys({ ...kernel.inputs, ...kernel.outputs }),
    ...Object.entries(kernel.definition.slots ?? {}).flatMap(([slot, contract]) =>
      Object.keys((slots[slot] ?? contract.default).bindings ?? {}).map((binding) => `${slot}.${binding}`),
    ),
  ];
  const slot = name.split('.')[0]!;
  const isUnfilled = name.includes('.') && slot in (kernel.definition.slots ?? {}) && !(slot in slots);
  const problem = `unknown tensor '${name}' in ${field}`;
  if (isUnfilled && !known.includes(name))
    refuse(
      kernel.name,
      problem,
      `nothing fills the slot '${slot}', whose filling would read it`,
      `give the filling as slots.${slot}`,
    );
  demandNames(kernel.name, { [name]: true }, known, () => problem, 'the tensors are');
}

function checkTensorKind(subject: string, what: string, value: unknown): void {
  const { buffer, sizeBytes, shape, bytes } = value as Record<string, unknown>;
  if (typeof sizeBytes === 'number' && Array.isArray(shape) && typeof buffer === 'object') return;
  const onHost = ArrayBuffer.isView(value) || Array.isArray(value);
  refuse(
    subject,
    `${what} is ${aKindOf(value)}`,
    'a kernel reads and writes tensors, which lie on the GPU',
    isPromise(value)
      ? 'await it'
      : onHost
        ? 'make a tensor of it: device.tensor(shape, data)'
        : bytes !== undefined
          ? 'put it there: device.weight(weight)'
          : 'give a tensor of this device',
  );
}

/** Uniforms and axes of a run have names that its Program knows. Throws `bad-argument`. */
export function checkUniformNames(
  subject: string,
  given: object | undefined,
  known: readonly string[],
): void {
  demandNames(subject, given ?? {}, known, (name) => `the uniform '${name}' is unknown`, 'a run takes');
}
