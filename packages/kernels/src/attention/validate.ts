import type { Problem } from '../contract/contract.ts';
import { TilewrightError } from '../contract/errors.ts';
import { attentionSettings, farthest, type AttentionModes } from './contract.ts';
import { attentionOrders } from './orders.ts';

type Rule = readonly [option: string, valid: (value: number) => boolean, requirement: string];

const isWindow = (value: number): boolean => Number.isInteger(value) && value >= -1;

const rules: readonly Rule[] = [
  ['window_left', isWindow, 'a window is a number of keys, or -1 for no bound'],
  ['window_right', isWindow, 'a window is a number of keys, or -1 for no bound'],
  [
    'offset',
    (value) => Number.isInteger(value) && Math.abs(value) <= farthest,
    `an offset is a whole number of keys, at most ${farthest} either way`,
  ],
  ['softcap', (value) => value >= 0 && Number.isFinite(value), 'a soft-cap is positive, or 0 for none'],
];

/** What attention of these modes demands of axes and options; throws `bad-shape` and `bad-argument` in the name of `kernel`. */
export function validateAttention(kernel: string, modes: AttentionModes): (problem: Problem) => void {
  return (problem) => {
    const { heads, kv_heads } = problem.axes;
    if (heads! % kv_heads! !== 0)
      throw new TilewrightError('bad-shape', {
        subject: kernel,
        problem: `${heads} query heads do not share ${kv_heads} key/value heads evenly`,
        requirement: 'heads must be a multiple of kv_heads, so that groups of query heads share one',
        fix: 'give counts that divide',
      });
    for (const [name, valid, requirement] of rules) {
      const value = Number(problem.options[name]);
      if (valid(value)) continue;
      throw new TilewrightError('bad-argument', {
        subject: kernel,
        problem: `option '${name}' is ${value}`,
        requirement,
        fix: `give ${name} such a value`,
      });
    }
    modes.validate?.(kernel, problem.axes, attentionSettings(problem));
    attentionOrders(problem, kernel);
  };
}
