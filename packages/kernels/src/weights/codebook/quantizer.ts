import { checkHost } from '../check-host.ts';
import { checkOptions } from '../../contract/check-options.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { Quantizer, TensorQuantizer } from '../../contract/quantizer.ts';
import type { HostTensor } from '../../contract/weight-format.ts';
import { codeBytes } from '../code-bytes.ts';
import { nearestIn } from '../grouped/nearest-code.ts';
import { roundWeight } from '../round-weight.ts';
import { codebook, type CodebookFormat, type CodebookParameters } from './format.ts';
import { kMeans } from './k-means.ts';
import { packCodebook } from './pack.ts';

/** Rows have no part of their own in a table: any run of columns will do. */
const span = 32;

/**
 * Rounds to a table of each tensor, found by k-means over all its numbers; default 4 bits.
 * Throws `bad-format` for bits that codes cannot have, `bad-argument` for other options, and for numbers that are not finite.
 */
export function codebookQuantizer(options: Pick<CodebookParameters, 'bits'> = {}): TensorQuantizer<null> {
  checkOptions('codebookQuantizer', options, ['bits']);
  const format = codebook(options);
  const shared = { name: format.name, format, limit: 2 ** 120 };
  return Object.freeze({
    ...shared,
    forTensor: (runs: Iterable<ArrayLike<number>>) => {
      const numbers = kMeans(joined(runs), 2 ** format.bits);
      const nearest = nearestIn(numbers);
      return {
        ...shared,
        span,
        lanes: 1,
        fit: () => null,
        nearest: (_, values, at) => nearest(values[at]!),
        value: (_, code) => numbers[code]!,
        zero: () => nearest(0),
        pack: (codes, _, shape) => packCodebook({ codes: codeBytes(codes), numbers }, shape, format),
      } satisfies Quantizer<null>;
    },
  });
}

/** All numbers in one list. */
function joined(runs: Iterable<ArrayLike<number>>): Float32Array {
  const parts = Array.from(runs, (run) => Float32Array.from(run));
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  if (all.every((value) => Number.isFinite(value))) return all;
  throw new TilewrightError('bad-argument', {
    subject: 'codebookQuantizer',
    problem: 'there are values that are not finite',
    requirement: 'a mean of these is none',
    fix: 'correct the weights first',
  });
}

/**
 * A matrix rounded to a table of its own: see {@link codebookQuantizer}.
 *
 * @throws `bad-argument` for values that are not finite, `bad-format` for a format with scales.
 */
export function roundCodebook(
  values: ArrayLike<number>,
  shape: readonly number[],
  format: CodebookFormat,
): HostTensor {
  checkHost('roundCodebook', { values, shape, format });
  if (format.scaling.kind !== 'unit')
    throw new TilewrightError('bad-format', {
      subject: 'roundCodebook',
      problem: `the format is ${format.name}`,
      requirement: 'k-means makes a table of the values themselves',
      fix: "take a codebook with scale 'none'",
    });
  const { bits } = format;
  return roundWeight(codebookQuantizer({ bits }).forTensor([values], shape.at(-1)!), values, shape);
}
