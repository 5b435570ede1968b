// Reads a folder of conformance cases: `index.json` and a `.bin` beside it for each case. Nothing in it is trusted.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorParts, f16BitsToF32, TilewrightError } from '@tilewright/kernels';

/** Element types whose numbers can be read. `bool` is one byte. */
const elementBytes = { f32: 4, f16: 2, f64: 8, i64: 8, i32: 4, u32: 4, i8: 1, u8: 1, bool: 1 } as const;
export type FileType = keyof typeof elementBytes;

/** A tensor of a case: where it lies in the case's `.bin`. */
export interface CaseTensor<T extends string = FileType> {
  readonly name: string;
  readonly dtype: T;
  readonly shape: readonly number[];
  readonly offset: number;
}

/** One call of an operator, with what must come out. `null` stands for an optional input or output that is absent. */
export interface ConformanceCase<T extends string = FileType> {
  readonly name: string;
  /** '' for the operators of ONNX. */
  readonly domain: string;
  readonly op: string;
  /** Without those that are null: they count as absent. */
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly inputs: readonly (CaseTensor<T> | null)[];
  readonly outputs: readonly (CaseTensor<T> | null)[];
  readonly bin: string;
}

/**
 * The folder with the cases: the one that is named, or else the only one in it that has an `index.json`. Throws
 * `bad-argument` where there are several.
 */
export function caseFolder(named: string): string {
  const hasIndex = (folder: string): boolean => existsSync(join(folder, 'index.json'));
  if (hasIndex(named)) return named;
  let within: string[] = [];
  try {
    within = readdirSync(named).filter((name) => hasIndex(join(named, name)));
  } catch {
    // Nothing there, a file, or not to be read: what reads the index says so.
  }
  if (within.length > 1)
    throw new TilewrightError('bad-argument', {
      subject: named,
      problem: 'it has no index.json, and several folders that have one',
      requirement: 'one folder is run',
      fix: `name one of ${within.join(', ')}`,
    });
  return join(named, within[0] ?? '');
}

/** The entries of a folder's `index.json`, unchecked. Throws `bad-argument` for a folder that has none. */
export function readIndex(folder: string): readonly unknown[] {
  const path = join(folder, 'index.json');
  const refuse = (problem: string, cause?: unknown): never => {
    throw new TilewrightError(
      'bad-argument',
      {
        subject: path,
        problem,
        requirement: 'it must be a JSON array of cases',
        fix: 'name a folder of conformance vectors',
      },
      { cause },
    );
  };
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    refuse(`it cannot be read (${(error as NodeJS.ErrnoException).code})`, error);
  }
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch (error) {
    refuse('it is not JSON', error);
  }
  return Array.isArray(entries) ? entries : refuse(`it holds ${kindOf(entries)}`);
}

/** Where each name of an index is first used. */
export function firstPositions(entries: readonly unknown[]): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const [index, entry] of entries.entries()) {
    const name = nameOf(entry, index);
    if (!first.has(name)) first.set(name, index);
  }
  return first;
}

/**
 * A case with everything in its place, of types that may be unknown. `first` is where its index first uses its name.
 * Throws `bad-file` with the case's name.
 */
export function checkedCase(entry: unknown, index: number, first: number = index): ConformanceCase<string> {
  const fail = failing(nameOf(entry, index));
  if (first !== index)
    fail(`the cases ${first} and ${index} have this name`, 'a name stands for one case of an index');
  if (!isRecord(entry)) return fail(`it is ${kindOf(entry)}`, 'a case is an object');
  const { name, domain = '', op, attrs = {}, inputs, outputs, bin } = entry;
  for (const [field, value] of Object.entries({ name, op, bin }))
    if (typeof value !== 'string' || value === '')
      fail(`its ${field} is ${kindOf(value)}`, 'it must be a text');
  if (typeof domain !== 'string') fail(`its domain is ${kindOf(domain)}`, 'it must be a text');
  if (!isRecord(attrs)) fail(`its attrs are ${kindOf(attrs)}`, 'they must be an object');
  if (/[/\\]/.test(String(bin))) fail(`its bin is '${String(bin)}'`, 'it must be a file of the same folder');
  const tensors = (field: string, list: unknown): readonly (CaseTensor<string> | null)[] =>
    Array.isArray(list)
      ? list.map((each: unknown, i) => (each === null ? null : checkedTensor(each, `${field}[${i}]`, fail)))
      : fail(`its ${field} are ${kindOf(list)}`, 'they must be a list of tensors');
  const checked = {
    name: String(name),
    domain: String(domain),
    op: String(op),
    attrs: Object.fromEntries(
      Object.entries(attrs as Record<string, unknown>).filter(([, value]) => value !== null),
    ),
    inputs: tensors('inputs', inputs),
    outputs: tensors('outputs', outputs),
    bin: String(bin),
  };
  if (!checked.outputs.some((tensor) => tensor !== null))
    fail('it has no outputs', 'there must be something to compare');
  return checked;
}

type Fail = (problem: string, requirement: string) => never;

const failing =
  (subject: string): Fail =>
  (problem, requirement) => {
    throw badFile({ subject, problem, requirement });
  };

const badFile = (parts: ErrorParts): TilewrightError => new TilewrightError('bad-file', parts);

function checkedTensor(entry: unknown, place: string, fail: Fail): CaseTensor<string> {
  if (!isRecord(entry)) return fail(`${place} is ${kindOf(entry)}`, 'a tensor is an object, or null');
  const { name, dtype, shape, offset, bytes } = entry;
  if (typeof name !== 'string') fail(`${place}.name is ${kindOf(name)}`, 'it must be a text');
  if (typeof dtype !== 'string' || dtype === '')
    fail(`${place}.dtype is ${JSON.stringify(dtype)}`, 'it must be the name of a type');
  const isSize = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
  if (!Array.isArray(shape) || !shape.every(isSize))
    fail(`${place}.shape is ${JSON.stringify(shape)}`, 'it must be a list of sizes');
  if (!isSize(offset)) fail(`${place}.offset is ${JSON.stringify(offset)}`, 'it must be a number of bytes');
  const tensor = { name, dtype, shape, offset } as CaseTensor<string>;
  // How long one of an unknown type is is not known either.
  if (isReadable(tensor) && bytes !== sizeBytes(tensor))
    fail(
      `${place}.bytes is ${JSON.stringify(bytes)}`,
      `${tensor.dtype} [${tensor.shape.join(', ')}] takes ${sizeBytes(tensor)}`,
    );
  return tensor;
}

const isReadable = (tensor: CaseTensor<string>): tensor is CaseTensor =>
  Object.hasOwn(elementBytes, tensor.dtype);

/** The first type of a case whose numbers cannot be read. */
export const unknownType = ({ inputs, outputs }: ConformanceCase<string>): string | undefined =>
  [...inputs, ...outputs].find((tensor) => tensor && !isReadable(tensor))?.dtype;

const sizeBytes = ({ dtype, shape }: CaseTensor): number =>
  shape.reduce((product, size) => product * size, 1) * elementBytes[dtype];

/** What a case is called in reports, also where it has no name. */
export const nameOf = (entry: unknown, index: number): string =>
  isRecord(entry) && typeof entry.name === 'string' && entry.name !== '' ? entry.name : `case ${index}`;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const kindOf = (value: unknown): string =>
  value === undefined
    ? 'missing'
    : value === null
      ? 'null'
      : Array.isArray(value)
        ? 'a list'
        : typeof value === 'object'
          ? 'an object'
          : `a ${typeof value}`;

/** The bytes of a case's `.bin`. Throws `bad-file`. */
export function readBin(folder: string, { name, bin }: ConformanceCase): Uint8Array {
  try {
    return new Uint8Array(readFileSync(join(folder, bin)));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw badFile({ subject: name, problem: `its bin '${bin}' cannot be read (${code})` });
  }
}

/** The numbers of a tensor; of 64-bit integers those that f64 holds. Throws `bad-file` where the file is too short. */
export function numbersOf(
  tensor: CaseTensor,
  bin: Uint8Array,
  { name, bin: file }: ConformanceCase,
): Float64Array {
  const { offset, dtype } = tensor;
  const size = sizeBytes(tensor);
  if (offset + size > bin.byteLength)
    throw badFile({
      subject: name,
      problem: `'${tensor.name}' lies at bytes ${offset} to ${offset + size} of '${file}'`,
      requirement: `the file has ${bin.byteLength}`,
    });
  // A copy of its own begins at a multiple of every element's size.
  const { buffer } = bin.slice(offset, offset + size);
  switch (dtype) {
    case 'f16':
      return Float64Array.from(new Uint16Array(buffer), f16BitsToF32);
    case 'i64':
      return Float64Array.from(new BigInt64Array(buffer), Number);
    default:
      return Float64Array.from(new arrays[dtype](buffer));
  }
}

const arrays = {
  f32: Float32Array,
  f64: Float64Array,
  i32: Int32Array,
  u32: Uint32Array,
  i8: Int8Array,
  u8: Uint8Array,
  bool: Uint8Array,
} as const;
