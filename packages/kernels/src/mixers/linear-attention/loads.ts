// Which form is likely to be faster on a GPU: the one of which an invocation waits for memory less often, one time after the other.
import type { Problem } from '../../contract/contract.ts';
import type { LinearAttentionSizes } from './program.ts';

/** Keys whose rows lie in workgroup memory at once. */
export const keyBlock = 32;
/** Invocations that prepare a chunk. */
export const preparers = 64;
/** Invocations that advance a state. */
export const advancers = 128;

/** Rows that a token adds to a state: its key, and its eraser where that is not the key. */
export const kindsOf = ({ options }: Problem): number => (options.rule === 'general' ? 2 : 1);

/** How many groups of rows are compared with the rows that tokens add, and with how many kinds of those. */
export function comparisonsOf(problem: Problem): number {
  const { outputs, value_heads: heads } = problem.axes as LinearAttentionSizes;
  return kindsOf(problem) * (outputs / heads + Number(problem.options.rule !== 'add'));
}

/** Loads and barriers of an invocation of the walk, for all tokens. */
export function walkLoads(problem: Problem, lanes: number): number {
  const { axes, options } = problem;
  const groups = axes.outputs! / axes.value_heads!;
  const erases = options.rule !== 'add';
  const keyLoads = { add: 1, delta: 2, general: 3 }[options.rule as 'add' | 'delta' | 'general'];
  const perKey = groups + keyLoads + Number(options.decay === 'key');
  return axes.tokens! * (Math.ceil(axes.key_size! / lanes) * perKey + 2 * (groups + Number(erases)));
}

/** The same of chunks: what prepares one, which all do at once, and what goes from one to the next. */
export function chunkLoads(problem: Problem, { chunk, width }: { chunk: number; width: number }): number {
  const { axes, options } = problem;
  const [kinds, comparisons] = [kindsOf(problem), comparisonsOf(problem)];
  const keyDecays = Number(options.decay === 'key');
  const prepare = comparisons * Math.ceil((axes.key_size! * chunk) / preparers) * chunk * (1 + keyDecays);
  const fills = comparisons / kinds + kinds;
  const fill =
    Math.ceil(axes.key_size! / keyBlock) * ((chunk * keyBlock) / advancers + keyDecays * chunk + 2);
  const news = Math.ceil((chunk * width) / advancers) * ((chunk + 1) / 2) * comparisons;
  return prepare + Math.ceil(axes.tokens! / chunk) * (fills * fill + news);
}
