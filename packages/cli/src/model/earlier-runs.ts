// Reports that `compress --json` wrote, to be plotted beside a new one.
import { readFileSync } from 'node:fs';
import { TilewrightError } from '@tilewright/kernels';
import type { QualityPoint } from './quality-plot.ts';
import type { Quality } from './quality.ts';

/** A run as its report has it. */
export interface CompressRun {
  readonly recipe: string;
  readonly bitsPerWeight: number;
  readonly quality: Quality | null;
}

/** The report of a file. Throws `bad-argument` for what is none, and for one without quality. */
export function readRun(path: string): CompressRun {
  const refuse = (problem: string, cause?: unknown): never => {
    throw new TilewrightError(
      'bad-argument',
      {
        subject: '--runs',
        problem: `${path} ${problem}`,
        requirement: 'it is a report of compress with --text, --html and --json',
        fix: 'write it again, or leave it out',
      },
      { cause },
    );
  };
  let found: Partial<CompressRun> | null = null;
  try {
    found = JSON.parse(readFileSync(path, 'utf8')) as Partial<CompressRun> | null;
  } catch (cause) {
    refuse(cause instanceof SyntaxError ? 'is not JSON' : 'cannot be read', cause);
  }
  const { recipe, bitsPerWeight, quality } = found ?? {};
  if (typeof recipe !== 'string' || typeof bitsPerWeight !== 'number' || !(bitsPerWeight > 0))
    return refuse('says no recipe and bits a weight');
  const value = quality?.kl?.mean;
  if (typeof value !== 'number' || !Number.isFinite(value)) return refuse('says nothing of quality');
  return { recipe, bitsPerWeight, quality: quality! };
}

/** The point of a run with quality. */
export const pointOf = ({ recipe, bitsPerWeight, quality }: CompressRun): QualityPoint => ({
  name: recipe,
  bitsPerWeight,
  value: quality!.kl.mean,
  standardError: quality!.kl.standardError,
});
