// What every recurrence says of the states before its first token and after its last one.
import type { OptionTest, OptionValue } from '../contract/contract.ts';

/**
 * Values of the option `states`: which of both are bound. `in place`: the last state takes the place of the first, in one
 * binding. Without a state before, it is zero.
 */
export const stateChoices: readonly [OptionValue, ...OptionValue[]] = [
  'none',
  'initial',
  'final',
  'both',
  'in place',
];

/** When there is a tensor of the state before the first token. */
export const beforeWhen: OptionTest = ['states', 'initial', 'both'];
/** When there is one of the state after the last token. */
export const afterWhen: OptionTest = ['states', 'final', 'both', 'in place'];
/** When that also holds the state before. */
export const afterInOut: OptionTest = ['states', 'in place'];

/** The binding to read the state before the first token from, of a name for each; `undefined` where it is zero. */
export function stateBefore(
  states: OptionValue | undefined,
  initial: string,
  final: string,
): string | undefined {
  if (states === 'in place') return final;
  return states === 'initial' || states === 'both' ? initial : undefined;
}

/** Whether the state after the last token is written. */
export const writesState = (states: OptionValue | undefined): boolean =>
  states !== 'none' && states !== 'initial';
