// Levels of a feature pyramid as options name them: '80x80 40x40 20x20', and how many points each query has on every one.
import type { Problem } from '../../contract/contract.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { axisNumbers } from '../grid.ts';

export interface Level {
  readonly height: number;
  readonly width: number;
  /** Its first token. */
  readonly start: number;
  readonly points: number;
}

const subject = 'deformable-attention';

/** The levels of a problem. Throws `bad-argument`, and `bad-shape` where they do not fit the tensors. */
export function levelsOf({ axes, options }: Pick<Problem, 'axes' | 'options'>): readonly Level[] {
  const words = String(options.levels).trim().split(/\s+/);
  const counts = String(options.points).trim().split(/\s+/);
  const argument = (problem: string, requirement: string, fix: string): never => {
    throw new TilewrightError('bad-argument', { subject, problem, requirement, fix });
  };
  if (counts.length !== 1 && counts.length !== words.length)
    argument(
      `option 'points' is '${options.points}', and 'levels' '${options.levels}'`,
      'there is a count for each level, or one for all',
      `give points ${words.length} counts, or one`,
    );
  let start = 0;
  const levels = words.map((word, i): Level => {
    const sizes = axisNumbers(subject, 'levels', word);
    if (sizes.length !== 2)
      argument(`level ${i} is '${word}'`, 'a level has a height and a width', "write it as '40x40'");
    const [height, width] = sizes as [number, number];
    const count = counts.length === 1 ? counts[0]! : counts[i]!;
    const points = Number(count);
    if (!/^\d+$/.test(count) || !Number.isSafeInteger(points) || points < 1)
      argument(
        `option 'points' is '${options.points}'`,
        'each level has at least one point',
        'give points positive integers',
      );
    const level = { height, width, start, points };
    start += height * width;
    return level;
  });
  const demand = (has: number, what: string, named: string, sum: number, terms: readonly string[]): void => {
    if (has === sum) return;
    throw new TilewrightError('bad-shape', {
      subject,
      problem: `there are ${has} ${what}`,
      requirement: `option '${named}' adds up to ${terms.join(' + ')} = ${sum}`,
      fix: `correct the option '${named}', or the tensors`,
    });
  };
  demand(axes.tokens!, 'tokens', 'levels', start, words);
  const points = levels.map((level) => level.points);
  demand(
    axes.points!,
    'points',
    'points',
    points.reduce((sum, each) => sum + each, 0),
    points.map(String),
  );
  return levels;
}
