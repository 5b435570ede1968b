import type { Problem } from '../../contract/contract.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { checkPacked } from '../sequences/index.ts';
import type { LinearAttentionSizes } from './program.ts';

const refuse = (
  code: 'bad-shape' | 'bad-argument',
  problem: string,
  requirement: string,
  fix: string,
): never => {
  throw new TilewrightError(code, { subject: 'linear-attention', problem, requirement, fix });
};

/** Throws `bad-shape` for heads that do not share in groups, and `bad-argument` for options that contradict each other. */
export function validate(problem: Problem): void {
  const { axes, options, slots } = problem;
  checkPacked('linear-attention', problem);
  const { heads, key_heads: keyHeads, value_heads: valueHeads, outputs } = axes as LinearAttentionSizes;
  const most = Math.max(heads, valueHeads);
  if (outputs !== most)
    refuse(
      'bad-shape',
      `outputs is ${outputs}`,
      `with ${heads} heads and ${valueHeads} value heads it must be ${most}`,
      'give the larger one',
    );
  if (outputs % heads !== 0 || outputs % valueHeads !== 0 || valueHeads % keyHeads !== 0)
    refuse(
      'bad-shape',
      `heads is ${heads}, key_heads ${keyHeads}, value_heads ${valueHeads}`,
      'query heads and value heads must divide one another, and key heads must divide value heads',
      'share heads in groups of one size',
    );
  if (options.rule === 'delta' && axes.beta_heads !== 1 && axes.beta_heads !== valueHeads)
    refuse(
      'bad-shape',
      `beta_heads is ${axes.beta_heads}`,
      `it must be 1 or value_heads, ${valueHeads}`,
      'give a strength for all heads or for each',
    );
  const { causal, reverse, cross, rule } = options;
  if (cross !== true && axes.tokens !== axes.keys)
    refuse(
      'bad-shape',
      `there are ${axes.tokens} tokens and ${axes.keys} keys`,
      'without cross each token has a key',
      'give as many keys as tokens, or cross true',
    );
  if (reverse === true && (causal !== true || cross === true))
    refuse(
      'bad-argument',
      `reverse is true with causal ${causal} and cross ${cross}`,
      'backwards each token has a key, and sees none before it',
      'give causal true and cross false',
    );
  if (options.packed === true && cross === true)
    refuse(
      'bad-argument',
      'packed is true with cross true',
      'packed sequences have a key for each token',
      'give cross false',
    );
  if (slots.gates!.id !== 'plain' && (options.decay !== 'none' || rule === 'delta'))
    refuse(
      'bad-argument',
      `the slot 'gates' is filled with decay '${options.decay}' and rule '${rule}'`,
      'decays and weights of keys have one source',
      "give decay 'none' and rule 'add' or 'general'",
    );
}
