import type { Problem } from '../core/contract.ts';
import { TilewrightError } from '../core/errors.ts';
import { attentionSettings } from './contract.ts';
import { attentionOrders } from './orders.ts';
import { validateExtents } from './validate-extents.ts';

/** What attention demands of axes and options; throws `bad-shape` and `bad-argument` in the name of `kernel`. */
export function validateAttention(kernel: string): (problem: Problem) => void {
  return (problem) => {
    const { heads, kv_heads } = problem.axes;
    const settings = attentionSettings(problem);
    if (heads! % kv_heads! !== 0)
      throw new TilewrightError('bad-shape', {
        subject: kernel,
        problem: `${heads} query heads do not share ${kv_heads} key/value heads evenly`,
        requirement: 'heads must be a multiple of kv_heads, so that groups of query heads share one',
        fix: 'give counts that divide',
      });
    for (const [name, least, integer] of [
      ['window_left', -1, true],
      ['window_right', -1, true],
      ['offset', -Infinity, true],
      ['softcap', 0, false],
    ] as const) {
      const value = Number(problem.options[name]);
      if (value >= least && Number.isFinite(value) && (!integer || Number.isInteger(value))) continue;
      throw new TilewrightError('bad-argument', {
        subject: kernel,
        problem: `option '${name}' is ${value}`,
        requirement: !integer
          ? 'a soft-cap is positive, or 0 for none'
          : name === 'offset'
            ? 'an offset is a whole number of keys'
            : 'a window is a number of keys, or -1 for no bound',
        fix: `give ${name} such a value`,
      });
    }
    validateExtents(kernel, problem.axes, settings);
    attentionOrders(problem, kernel);
  };
}
