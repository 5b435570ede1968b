// A case as a graph of one node: built, compiled and run.
import {
  type Attribute,
  compile,
  contentsOf,
  type ElementType,
  graphBuilder,
  loadSession,
  type Operator,
  type ValueData,
} from '@tilewright/graph';
import { type Extent, TilewrightError } from '@tilewright/kernels';
import type { Device } from '@tilewright/runtime';
import { type CaseTensor, type ConformanceCase, type FileType, numbersOf } from './case-file.ts';

/** What an element type of the file becomes in a graph. */
const stored: Readonly<Record<FileType, ElementType>> = {
  f32: 'f32',
  f16: 'f16',
  f64: 'f32',
  i64: 'u32',
  i32: 'i32',
  u32: 'u32',
  i8: 'i8',
  u8: 'u8',
  bool: 'u32',
};

/** What came out: numbers, and the shape that they have in the graph. */
export interface Computed {
  readonly data: ValueData;
  readonly shape: readonly Extent[];
}

/** Runs a case: what it gives for each output asked for. Throws what the graph refuses, and `bad-file`. */
export async function computeCase(
  device: Device,
  operator: Operator,
  given: ConformanceCase,
  bin: Uint8Array,
): Promise<readonly (Computed | undefined)[]> {
  const roles = rolesOf(operator, given);
  const builder = graphBuilder({});
  const inputs: Record<string, string> = {};
  const data: Record<string, ValueData> = {};
  // Integers of 64 bits are indices and lengths, unless one of them is negative.
  const signed = given.inputs.some(
    (tensor, i) =>
      tensor?.dtype === 'i64' && !roles[i]!.known && numbersOf(tensor, bin, given).some((each) => each < 0),
  );
  for (const [i, tensor] of given.inputs.entries()) {
    if (!tensor) continue;
    const { name: role, known } = roles[i]!;
    if (isEmptyPast(given.op, role, tensor)) continue;
    const elements = known ? contentsOf(numbersOf(tensor, bin, given)) : undefined;
    if (elements) {
      inputs[role] = builder.integers(role, tensor.shape, elements);
      continue;
    }
    const dtype = tensor.dtype === 'i64' && signed ? 'i32' : stored[tensor.dtype];
    inputs[role] = builder.input(role, dtype, tensor.shape);
    data[role] = inputData(tensor, dtype, bin, given);
  }
  const made = builder.node(operator, inputs, attributesOf(given), 'node');
  const values = given.outputs.map((tensor, i) => tensor && outputOf(given, tensor, i, made));
  const graph = builder.finish({ outputs: values.filter((value): value is string => value !== null) });
  const names = roles.map(({ name }) => name);
  checkEmptyPasts(given, names, (role) => graph.values[made[role.replace('past', 'present')]!]!.shape);
  const shapeOf = (value: string): readonly Extent[] => graph.values[value]!.shape;
  const { contents } = graph;
  // What is known while a graph is built has no buffer.
  if (values.every((value) => value === null || contents[value]))
    return values.map((value) =>
      value === null
        ? undefined
        : { data: Float32Array.from(contents[value] as readonly number[]), shape: shapeOf(value) },
    );
  const compiled = compile(graph, { capabilities: device.capabilities });
  const session = await loadSession(device, { compiled }, new Map());
  try {
    const executable = session.executables.compiled!;
    // What no output needs is not an input of the compiled graph.
    const needed = Object.entries(data).filter(([name]) => compiled.graph.inputs.includes(name));
    executable.run({}, Object.fromEntries(needed));
    const got: (Computed | undefined)[] = [];
    for (const value of values)
      got.push(value === null ? undefined : { data: await executable.read(value), shape: shapeOf(value) });
    return got;
  } finally {
    session.dispose();
  }
}

/** The role of each input; those of a variadic one have numbers. Throws `bad-file` for inputs beyond them. */
function rolesOf({ inputs: roles }: Operator, given: ConformanceCase): Operator['inputs'] {
  const last = roles.at(-1)!;
  const count = given.inputs.length;
  if (last.kind === 'variadic')
    return [
      ...roles.slice(0, -1),
      ...Array.from({ length: count - roles.length + 1 }, (_, i) => ({ ...last, name: `${last.name}_${i}` })),
    ];
  if (count <= roles.length) return roles;
  throw new TilewrightError('bad-file', {
    subject: given.name,
    problem: `it has ${count} inputs`,
    requirement: `${given.op} takes ${roles.map((role) => role.name).join(', ')}`,
  });
}

/** The attributes of a case, in the newest opset's words: before 18, a Split had as many parts as outputs. */
function attributesOf({ op, attrs, inputs, outputs }: ConformanceCase): Readonly<Record<string, Attribute>> {
  // Some files write flags as booleans, which ONNX does not have.
  const attributes = Object.fromEntries(
    Object.entries(attrs).map(([name, value]) => [
      name,
      typeof value === 'boolean' ? Number(value) : (value as Attribute),
    ]),
  );
  const isOld = op === 'Split' && !inputs[1] && attrs.num_outputs === undefined;
  return isOld ? { ...attributes, num_outputs: outputs.length } : attributes;
}

/** Operators that are defined where nothing is read. */
const takesNothing = /^(Attention|Concat|Trilu|Reduce\w+)$/;

/** Whether a kernel would read nothing: empty caches, what is only moved and lists of integers apart. */
export const hasEmptyTensors = (operator: Operator, { op, inputs }: ConformanceCase): boolean =>
  !takesNothing.test(op) &&
  !operator.view &&
  inputs.some((tensor, i) => tensor?.shape.includes(0) && !operator.inputs[i]?.known);

/** A cache without tokens yet is none: no tensor of a graph is empty. */
const isEmptyPast = (op: string, role: string | undefined, { shape }: CaseTensor): boolean =>
  op === 'Attention' && /^past_(key|value)$/.test(role ?? '') && shape.length === 4 && shape[2] === 0;

/** Caches that the graph does not have must fit nevertheless: but for the tokens they are as what comes out. */
function checkEmptyPasts(
  given: ConformanceCase,
  roles: readonly string[],
  presentOf: (role: string) => readonly Extent[],
): void {
  for (const [i, tensor] of given.inputs.entries()) {
    if (!tensor || !isEmptyPast(given.op, roles[i], tensor)) continue;
    const want = presentOf(roles[i]!).with(2, 0);
    if (tensor.shape.join() === want.join()) continue;
    throw new TilewrightError('bad-file', {
      subject: given.name,
      problem: `'${tensor.name}' has shape [${tensor.shape.join(', ')}]`,
      requirement: `it must be [${want.join(', ')}]`,
    });
  }
}

/** The value for an output of a case: the one of its name, else the one at its place. */
function outputOf(
  given: ConformanceCase,
  { name, shape, dtype }: CaseTensor,
  place: number,
  made: Readonly<Record<string, string>>,
): string {
  const roles = Object.keys(made);
  const role = roles.find((each) => each.toLowerCase() === name.toLowerCase()) ?? roles[place];
  if (role !== undefined) return made[role]!;
  throw new TilewrightError('bad-file', {
    subject: given.name,
    problem: `its output ${place} is '${name}', ${dtype} [${shape.join(', ')}]`,
    requirement: `${given.op} gives ${roles.join(', ')}`,
  });
}

/** Indices that the file has in 64 bits must fit into 32. */
function inputData(
  tensor: CaseTensor,
  dtype: ElementType,
  bin: Uint8Array,
  given: ConformanceCase,
): ValueData {
  const numbers = numbersOf(tensor, bin, given);
  switch (dtype) {
    case 'f32':
    case 'f16':
      return Float32Array.from(numbers);
    case 'i32':
      return Int32Array.from(numbers);
    case 'i8':
      return Int8Array.from(numbers);
    case 'u8':
      return Uint8Array.from(numbers);
    case 'u32': {
      const strange = numbers.find((each) => each < 0 || each >= 2 ** 32);
      if (strange !== undefined)
        throw new TilewrightError('bad-file', {
          subject: given.name,
          problem: `'${tensor.name}' holds ${strange}`,
          requirement: 'indices and lengths are from 0 to 2^32 - 1',
        });
      return Uint32Array.from(numbers, (each) => (tensor.dtype === 'bool' ? Number(each !== 0) : each));
    }
  }
}
