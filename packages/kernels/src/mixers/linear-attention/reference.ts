import type { Oracle } from '../../contract/check.ts';
import { pairwiseSum } from '../../numbers/pairwise-sum.ts';
import { sequencesOf } from '../sequences/reference.ts';
import { mixerScope } from './scope.ts';
import type { FeatureMapReference, FinishReference, GatesReference } from './slots.ts';

export const linearAttentionReference: Oracle = (input) => {
  const { axes, options, scalars, inputs, slots, round } = input;
  const {
    batch,
    tokens,
    keys,
    heads,
    key_heads: keyHeads,
    value_heads: valueHeads,
    outputs,
  } = axes as Record<string, number>;
  const [n, m] = [axes.key_size!, axes.value_size!];
  const { rule, decay, causal, reverse, states, sums } = options;
  const map = slots.feature_map as FeatureMapReference;
  const feature = (x: number): number => round(map(round(scalars.feature_scale! * x), round));
  const stateAt = (line: number, i: number, j: number): number =>
    options.state_order === 'value key' ? (line * m + j) * n + i : (line * n + i) * m + j;
  const sequences = sequencesOf(input);
  const y = new Float64Array(batch! * tokens! * outputs! * m);
  const final =
    (inputs.initial ?? inputs.final)?.slice() ?? new Float64Array(sequences.length * valueHeads! * n * m);
  const finalSums =
    (inputs.initial_sums ?? inputs.final_sums)?.slice() ??
    new Float64Array(sequences.length * valueHeads! * n);
  for (let line = 0; line < sequences.length * valueHeads!; line++) {
    const head = line % valueHeads!;
    const { batch: b, first, count } = sequences[Math.floor(line / valueHeads!)]!;
    const keyCount = options.cross ? keys! : count;
    // Columns of the state, and of the sums as one more.
    const state = Array.from({ length: m + 1 }, (_, j) =>
      Float64Array.from({ length: n }, (__, i) =>
        j < m ? final[stateAt(line, i, j)]! : finalSums[line * n + i]!,
      ),
    );
    const dot = (x: Float64Array, j: number): number =>
      pairwiseSum(
        x.map((value, i) => round(value * state[j]![i]!)),
        round,
      );
    const learn = (token: number): void => {
      const place = { batch: b, head, token };
      const at = (b * keys! + token) * valueHeads! + head;
      const keyRow = ((b * keys! + token) * keyHeads! + Math.floor((head * keyHeads!) / valueHeads!)) * n;
      const k = inputs.k!.slice(keyRow, keyRow + n).map(feature);
      const [logarithm, write] = (slots.gates as GatesReference)(place, mixerScope(input, 'gates'));
      const beta = inputs.beta?.[Math.floor((at * axes.beta_heads!) / valueHeads!)] ?? write;
      const probe = inputs.probe?.slice(at * n, at * n + n);
      for (let j = 0; j <= m; j++) {
        const seen = probe ? dot(probe, j) : 0;
        state[j]!.forEach((value, i) => {
          const own =
            decay === 'key' ? inputs.decay![at * n + i]! : decay === 'head' ? inputs.decay![at]! : logarithm;
          state[j]![i] = round(round(Math.exp(own)) * value);
        });
        const value = j < m ? inputs.v![at * m + j]! : 1;
        const news = round(beta * (rule === 'delta' ? round(value - dot(k, j)) : value));
        state[j]!.forEach((_, i) => {
          if (probe) state[j]![i] = round(state[j]![i]! + round(inputs.eraser![at * n + i]! * seen));
          state[j]![i] = round(state[j]![i]! + round(news * k[i]!));
        });
      }
    };
    const emit = (token: number): void => {
      for (let group = 0; group < outputs! / valueHeads!; group++) {
        const output = (head * outputs!) / valueHeads! + group;
        const row = ((b * tokens! + token) * heads! + Math.floor((output * heads!) / outputs!)) * n;
        const q = inputs.q!.slice(row, row + n).map(feature);
        const sum = sums === 'off' ? 1 : dot(q, m);
        for (let column = 0; column < m; column++) {
          const value = round(scalars.scale! * dot(q, column));
          y[((b * tokens! + token) * outputs! + output) * m + column] = (slots.finish as FinishReference)(
            { batch: b, head, token },
            { head: output, column, value, sum },
            mixerScope(input, 'finish'),
          );
        }
      }
    };
    for (let step = 0; step < Math.max(keyCount, count); step++) {
      const token = first + (reverse ? keyCount - 1 - step : step);
      if (step < keyCount) learn(token);
      if (causal && step < count) emit(token);
    }
    for (let step = 0; step < count && !causal; step++) emit(first + step);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < m; j++) final[stateAt(line, i, j)] = state[j]![i]!;
      finalSums[line * n + i] = state[m]![i]!;
    }
  }
  const writes = (option: unknown): boolean => ['final', 'both', 'in place'].includes(option as string);
  return { y, ...(writes(states) && { final }), ...(writes(sums) && { final_sums: finalSums }) };
};
