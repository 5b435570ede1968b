// Every function that a package exports, called as nobody should: it says what it was given, what it takes and what to do, or stands
// below with the reason why it does not. Beyond the first argument, each package's own tests look.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isTilewrightError } from '@tilewright/kernels';
import { describe, expect, test } from 'vitest';

const called: readonly (readonly [how: string, given: () => readonly unknown[]])[] = [
  ['nothing', () => []],
  ['null', () => [null]],
  ['a promise', () => [Promise.resolve({})]],
  ['a number', () => [-0.5]],
  ['an object with an unknown option', () => [{ unknownOption: 1 }]],
];

/** Functions without such checks: the reason, then names by entry, `*` for all of it. */
const exceptions: readonly (readonly [reason: string, entry: string, names: string])[] = [
  ['it leaves checks to who calls it', '@tilewright/compression/unchecked', '*'],
  ['it leaves checks to who calls it', '@tilewright/graph/unchecked', '*'],
  ['it leaves checks to who calls it', '@tilewright/kernels/weights/unchecked', '*'],
  ['it leaves checks to who calls it', '@tilewright/runtime/unchecked', '*'],
  ['they are its subject: it looks at any value', '@tilewright/formats', 'isJsonObject shown'],
  [
    'they are its subject: it looks at any value',
    '@tilewright/kernels',
    'aKindOf awaitFix errorFamily isPromise isTilewrightError shownNumber',
  ],
  [
    'errors and checks are made of it, in this very form',
    '@tilewright/kernels',
    'TilewrightError checkOptions demand demandNames having listOf nearestName oneOf optional renameFix',
  ],
  ['a number is a formula', '@tilewright/kernels', 'checkExpression'],
  ['a number is a formula', '@tilewright/kernels/fillings', 'gatedActivation'],
  ['it takes nothing, whatever it is given', '@tilewright/models', 'untie'],
  ['it takes nothing, whatever it is given', '@tilewright/quant', 'int8Activations'],
  ['errors and checks are made of it', '@tilewright/formats', 'openKinds'],
  ['errors and checks are made of it', '@tilewright/graph', 'checkKinds'],
  ['errors and checks are made of it', '@tilewright/models', 'badModel'],
  [
    'it takes a number, or a filling reads it for every element',
    '@tilewright/kernels/fillings',
    'leakyReluScore sigmoidWeight sumRatio t5Bucket',
  ],
  [
    'it runs for every number',
    '@tilewright/kernels',
    'bf16BitsToF32 f16BitsToF32 f32ToBf16Bits f32ToF16Bits f32ToStoredF16Bits normalNumbers normalStream pairwiseSum ' +
      'philox4x32 randomStream unitFromWord',
  ],
  ['it runs for every number', '@tilewright/compression/linalg', 'productRoom subtractProduct'],
  ['it runs for every group of weights', '@tilewright/kernels/weights/integer', 'fitGrid nearestCode'],
  [
    'kernels are written with it: contracts, not callers, hand it their values, and the house tests them',
    '@tilewright/kernels',
    'assemble caseProblem ceilDiv checkPlan checkPlans checkProblem costOf declaredShape defineKernel distancesOf evaluate ' +
      'expressionId expressionOperands expressionReference expressionWgsl extent holds isBound isInOut kernelsOf plus roundUp ' +
      'rowLength rowView shapeOf storageBytes storageOf times viewPlaces',
  ],
  [
    'weight formats are written with it: they hand it what they have checked',
    '@tilewright/kernels/weights',
    'alignedBytes checkRecord expectLength matrixShape packedSections readRecords rowsAndColumns sectionNamed tensorSections',
  ],
  ['it tells a format from others, of any kind', '@tilewright/kernels/matmul-int8-tokens', 'isInt8Tokens'],
  ['it tells a format from others, of any kind', '@tilewright/kernels/weights/codebook', 'isCodebook'],
  ['it tells a format from others, of any kind', '@tilewright/kernels/weights/float8', 'isFloat8'],
  ['it tells a format from others, of any kind', '@tilewright/kernels/weights/fp4', 'isFp4'],
  ['it tells a format from others, of any kind', '@tilewright/kernels/weights/integer', 'isInteger'],
  ['it tells a format from others, of any kind', '@tilewright/kernels/weights/mxfp4', 'isMxfp4'],
  ['it tells a format from others, of any kind', '@tilewright/kernels/weights/nf4', 'isNf4'],
  ['it tells a format from others, of any kind', '@tilewright/kernels/weights/nvfp4', 'isNvfp4'],
  [
    'it tells a format from others, of any kind',
    '@tilewright/kernels/block-sparse-matmul',
    'isBlockSparse storedPart',
  ],
  [
    'every page carries it, for what a file was found to hold',
    '@tilewright/kernels/weights/dense',
    'denseDType dtypeBytes isDenseDType packF32 unpackDense',
  ],
  ['tests and benches alone draw weights with it', '@tilewright/kernels/weights/registry', '*'],
  ['it asks whether a size is one, of any size', '@tilewright/kernels/hadamard', 'hadamardBase'],
  ['operators are written with it', '@tilewright/kernels/cache-quantize', 'planeOf'],
  ['operators are written with it', '@tilewright/graph/filling-operators', 'checkFillingTensors'],
  ['operators are written with it', '@tilewright/graph/sequences', 'checkSequences rowsOfSequences'],
  ['operators are written with it', '@tilewright/graph/operators/fourier-transform', 'weightDigits'],
  ['operators are written with it', '@tilewright/graph/operators/sequence-places', 'rowInputs sequenceStep'],
  ['it takes a builder, whose own calls check', '@tilewright/graph/operators/sample', 'samplerNumbers'],
  [
    'architectures are written with it: a builder, whose calls check, is its argument',
    '@tilewright/models/blocks',
    '*',
  ],
];

const reasonsOf = (entry: string): ReadonlyMap<string, string> =>
  new Map(
    exceptions
      .filter(([, of]) => of === (entry === '@tilewright/models/all' ? '@tilewright/models' : entry))
      .flatMap(([reason, , names]) => names.split(' ').map((name) => [name, reason])),
  );

const packages = fileURLToPath(new URL('../../packages/', import.meta.url));
const entries = readdirSync(packages).flatMap((folder): string[] => {
  const path = `${packages}${folder}/package.json`;
  if (!existsSync(path)) return [];
  const { name, exports = {} } = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly name: string;
    readonly exports?: object;
  };
  // Checks are for tests and benches, and bench's main entry is its command.
  return Object.keys(exports)
    .filter((entry) => entry !== './package.json' && !entry.endsWith('/check') && folder !== 'bench')
    .map((entry) => name + entry.slice(1));
});

/** What a call comes to: an iterator's first value, too. */
async function outcome(work: (...given: readonly unknown[]) => unknown, given: readonly unknown[]) {
  try {
    const result = work(...given);
    const isIterator = typeof (result as Partial<AsyncGenerator> | undefined)?.next === 'function';
    await (isIterator ? (result as AsyncGenerator).next() : result);
  } catch (error) {
    if (!isTilewrightError(error)) return `threw ${String(error)}`;
    const { message } = error as Error;
    return /^\[.+\] .+; .+\. Fix: .+\.$/s.test(message) ? 'refused' : `said only: ${message}`;
  }
  return 'was taken';
}

describe.each(entries)('%s', (entry) => {
  test('refuses what it cannot use', async () => {
    const exported = (await import(/* @vite-ignore */ entry)) as Readonly<Record<string, unknown>>;
    const functions = Object.entries(exported).filter(([, value]) => typeof value === 'function');
    const reasons = reasonsOf(entry);
    const strange: string[] = [];
    for (const [name, value] of functions) {
      if (reasons.has(name) || reasons.has('*')) continue;
      const work = value as (...given: readonly unknown[]) => unknown;
      for (const [how, given] of called) {
        const result = await outcome(work, given());
        // Where everything may be left out, nothing is right.
        const isRight =
          result === 'refused' || (result === 'was taken' && how === 'nothing' && work.length === 0);
        if (!isRight) strange.push(`${name} of ${how} ${result}`);
      }
    }
    expect(strange).toEqual([]);
    const gone = [...reasons.keys()].filter((name) => name !== '*' && typeof exported[name] !== 'function');
    expect(gone, 'stand in the list and are not there').toEqual([]);
  });
});
