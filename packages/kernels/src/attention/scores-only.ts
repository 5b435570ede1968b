// What kernels that want attention's scores, and no values, take over from flash-attention.
import type { KernelDefinition, OptionValue, Problem, TensorContract } from '../contract/contract.ts';
import { attentionContract } from './contract.ts';
import { asAttention, loopContract, without } from './score-tiles.ts';

interface ScoresContract extends Required<Pick<KernelDefinition, 'axes' | 'scalars' | 'dtypes'>> {
  readonly inputs: Readonly<Record<'q' | 'k' | 'lengths', TensorContract>>;
  readonly options: Readonly<Record<string, readonly [OptionValue, ...OptionValue[]]>>;
}

/** The slots that have to do with values. */
export const valueSlots: readonly string[] = ['load_v', 'epilogue'];

export const scoresContract: ScoresContract = /* @__PURE__ */ (() => {
  const { q, k, lengths } = attentionContract.inputs;
  return {
    axes: without(loopContract.axes, ['value_size']),
    inputs: { q, k, lengths },
    scalars: loopContract.scalars,
    options: without(loopContract.options, ['v_strides', 'y_strides']),
    dtypes: loopContract.dtypes,
  };
})();

/** The problem as the shared parts of attention know it, which also speak of values. */
export const withoutValues = (problem: Problem): Problem =>
  asAttention({ ...problem, axes: { ...problem.axes, value_size: 4 } }, { v_strides: 'bhsd' });
