import type { Oracle } from '../../contract/check.ts';
import { sequencesOf } from '../sequences/reference.ts';

export const causalConvReference: Oracle = (input) => {
  const { axes, options, inputs, round } = input;
  const { batch, tokens, channels, taps } = axes as Record<string, number>;
  const past = taps! - 1;
  const sequences = sequencesOf(input);
  const before = inputs.initial ?? inputs.final;
  const y = new Float64Array(batch! * tokens! * channels!);
  const final = new Float64Array(sequences.length * channels! * past);
  const at = (b: number, c: number, t: number): number =>
    options.order === 'channels last' ? (b * tokens! + t) * channels! + c : (b * channels! + c) * tokens! + t;
  for (let line = 0; line < sequences.length * channels!; line++) {
    const c = line % channels!;
    const { batch: b, first, count } = sequences[Math.floor(line / channels!)]!;
    const seen = (t: number): number =>
      t >= 0 ? inputs.x![at(b, c, first + t)]! : (before?.[line * past + past + t] ?? 0);
    for (let t = 0; t < count; t++) {
      let sum = inputs.bias?.[c] ?? 0;
      for (let j = 0; j < taps!; j++)
        sum = round(sum + round(inputs.weight![c * taps! + j]! * seen(t - past + j)));
      y[at(b, c, first + t)] = options.silu ? round(sum / round(1 + round(Math.exp(-sum)))) : sum;
    }
    for (let i = 0; i < past; i++) final[line * past + i] = seen(count - past + i);
  }
  return options.states === 'none' || options.states === 'initial' ? { y } : { y, final };
};
