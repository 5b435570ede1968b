import { isTilewrightError, type Kernel, kernelsOf, type WeightFormat } from '@tilewright/kernels';
import { isBlockSparse, storedPart } from '@tilewright/kernels/block-sparse-matmul';
import { unpack } from '@tilewright/kernels/weights';
import { weightCodecs } from '@tilewright/kernels/weights/registry';
import { gemv } from '@tilewright/kernels/gemv';
import { matmul } from '@tilewright/kernels/matmul';
import { type Device, profilerOf, type Tensor } from '@tilewright/runtime';
import { median, percentiles } from '../measure/statistics.ts';
import { describeEnvironment } from '../suite/environment.ts';
import { activations, bindProduct, type BoundProduct, uploadParts } from './bound-product.ts';
import type { FormatRow } from './row.ts';
import { judgeProduct } from './sampled-product.ts';
import { checkNamed, denseCase, type WeightCase, weightCases } from './weight-case.ts';

export interface FormatsOptions {
  /** Only formats whose name, followed by its density in percent, contains this, case ignored. */
  readonly filter?: string;
  /** Rows of the activation; default 1, 16 and 512. */
  readonly rows?: readonly number[];
  /** Rows and columns of the weight; default 4096 by 4096, and for some formats 14336 by 4096 after it. */
  readonly shape?: readonly [n: number, k: number];
  /** Bytes of a weight that one binding holds, beyond which it is cut along its rows; default what the device allows. */
  readonly bindingBytes?: number;
  /** What to time; default all that there are. */
  readonly cases?: readonly WeightCase[];
  /** Samples of each format and of f32 beside it; default 9. */
  readonly samples?: number;
  readonly toggles?: readonly string[];
  readonly onProgress?: (line: string) => void;
  /** Ends the measurement with its reason before the next sample. */
  readonly signal?: AbortSignal;
}

/** Up to so many rows `gemv` computes a product with rows. */
const fewRows = 8;
/** A sample repeats short runs until it lasts about as long. */
const sampleMs = 5;

/** The operands of a product: `a` `[m, k]`, the weight in its format, its numbers, and as many numbers in f32 for comparison. */
interface Operands {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly format: WeightFormat;
  readonly weight: readonly Tensor[];
  readonly numbers: Float32Array;
  readonly dense: readonly Tensor[];
}

type Measured = Pick<
  FormatRow,
  'kernel' | 'plan' | 'status' | 'message' | 'error' | 'allowed' | 'timeMs' | 'denseMs' | 'speedup'
>;

/**
 * Times products with a weight in each format beside the same product with f32, in turns, right ones only. `onRow` gets each row
 * as it is done.
 */
export async function measureFormats(
  device: Device,
  options: FormatsOptions = {},
  onRow: (row: FormatRow) => void = () => {},
): Promise<readonly FormatRow[]> {
  const { filter = '', cases = weightCases, shape } = options;
  const wanted = cases.filter((each) => nameOf(each).toLowerCase().includes(filter.toLowerCase()));
  const environment = await describeEnvironment(device, options.toggles);
  const results: FormatRow[] = [];
  const measure = async (ofShape: Shape, each: WeightCase, dense: readonly Tensor[]): Promise<void> => {
    for await (const row of measureCase(device, each, ofShape, dense, options)) {
      results.push({ ...row, environment });
      onRow(results.at(-1)!);
    }
  };
  for (const ofShape of shape ? [shape] : [square, wide]) {
    const chosen = wanted.filter((each) => ofShape !== wide || each.isWideToo);
    if (chosen.length === 0) continue;
    options.signal?.throwIfAborted();
    const dense = uploadParts(device, denseCase.make(ofShape), bindingBytes(device, options));
    try {
      for (const each of chosen) await measure(ofShape, each, dense);
    } finally {
      for (const part of dense) part.dispose();
    }
  }
  return results;
}

type Shape = readonly [n: number, k: number];
const square: Shape = [4096, 4096];
const wide: Shape = [14_336, 4096];

const bindingBytes = ({ capabilities }: Device, options: FormatsOptions): number =>
  options.bindingBytes ?? capabilities.limits.maxStorageBufferBindingSize;

/** A row for each number of rows of the activation. */
async function* measureCase(
  device: Device,
  each: WeightCase,
  shape: Shape,
  dense: readonly Tensor[],
  options: FormatsOptions,
): AsyncGenerator<Omit<FormatRow, 'environment'>> {
  const [n, k] = shape;
  options.onProgress?.(`${nameOf(each)}: making a weight of ${n} by ${k}`);
  const tensor = each.make(shape);
  const numbers = unpack(tensor, weightCodecs);
  const { format } = tensor;
  const weight = uploadParts(device, tensor, bindingBytes(device, options));
  try {
    for (const m of options.rows ?? [1, 16, 512]) {
      options.signal?.throwIfAborted();
      options.onProgress?.(`${nameOf(each)}, ${n} by ${k}, ${m} rows`);
      const measured = await measureOne(device, { m, n, k, format, weight, numbers, dense }, options);
      yield {
        kind: 'format',
        format: each.name,
        formatId: format.id,
        density: isBlockSparse(format) ? storedPart(format, shape) : each.density,
        m,
        n,
        k,
        weightBytes: tensor.bytes.byteLength,
        ...measured,
      };
    }
  } finally {
    for (const part of weight) part.dispose();
  }
}

/** A format and how much of it there is, as filters and lines of progress have it. */
const nameOf = ({ name, density }: WeightCase): string =>
  density === 1 ? name : `${name} ${Math.round(100 * density)} %`;

const kernelFor = (format: WeightFormat, m: number): Kernel =>
  kernelsOf(format)[0] ?? (m <= fewRows ? gemv : matmul);

async function measureOne(device: Device, operands: Operands, options: FormatsOptions): Promise<Measured> {
  const { m, n, k, format } = operands;
  const kernel = kernelFor(format, m);
  const values = activations(m, k);
  const a = device.tensor([1, m, k], values);
  const held: { dispose(): void }[] = [a];
  const bind = async (chosen: Kernel, parts: readonly Tensor[]): Promise<BoundProduct> => {
    const bound = await bindProduct(device, chosen, a, parts);
    held.push(bound);
    return bound;
  };
  const untimed = {
    kernel: kernel.name,
    plan: null,
    allowed: null,
    timeMs: null,
    denseMs: null,
    speedup: null,
  };
  try {
    const bound = await bind(kernel, operands.weight);
    const plan = { ...bound.plan };
    bound.run();
    const y = await bound.read();
    const { error, rounded } = judgeProduct({ a: values, b: operands.numbers, m, n, k }, y);
    const allowed = rounded + checkNamed(kernel.name).floor({ axes: { batch: 1, m, n, k } });
    const judged = {
      ...untimed,
      plan,
      error: Number.isFinite(error) ? error : null,
      allowed,
    };
    if (!(error <= allowed)) {
      const message = `the error is ${error.toExponential(1)}, allowed are ${allowed.toExponential(1)}`;
      return { ...judged, status: 'wrong', message };
    }
    const beside = await bind(m <= fewRows ? gemv : matmul, operands.dense);
    const [own, dense] = await timeInTurns(device, [bound, beside], options);
    const speedup = median(own!.map((time, i) => dense![i]! / time));
    return {
      ...judged,
      status: 'passed',
      message: '',
      timeMs: percentiles(own!),
      denseMs: percentiles(dense!),
      speedup,
    };
  } catch (error) {
    if (!isTilewrightError(error) || error.code === 'device-lost') throw error;
    return {
      ...untimed,
      error: null,
      status: 'failed',
      message: error.message,
    };
  } finally {
    for (const each of held) each.dispose();
  }
}

/** Milliseconds of single runs of each, warmed up, in turns. */
async function timeInTurns(
  device: Device,
  kernels: readonly BoundProduct[],
  { samples = 9, signal }: FormatsOptions,
): Promise<readonly number[][]> {
  const once: number[] = [];
  for (const each of kernels) {
    await sample(device, each, 1);
    once.push(Math.max(1e-3, await sample(device, each, 1)));
  }
  const times: number[][] = kernels.map(() => []);
  for (let round = 0; round < samples; round++)
    for (const [i, each] of kernels.entries()) {
      signal?.throwIfAborted();
      times[i]!.push(await sample(device, each, Math.max(1, Math.ceil(sampleMs / once[i]!))));
    }
  return times;
}

async function sample(device: Device, bound: BoundProduct, repeats: number): Promise<number> {
  const run = (): void => {
    for (let i = 0; i < repeats; i++) bound.run();
  };
  if (profilerOf(device).available) {
    const entries = await profilerOf(device).record(run, 'run');
    return entries.reduce((sum, { timeMs }) => sum + timeMs, 0) / repeats;
  }
  const start = performance.now();
  run();
  await device.idle();
  return (performance.now() - start) / repeats;
}
