import type { Oracle } from '../../contract/check.ts';

export const causalConvReference: Oracle = ({ axes, options, inputs, round }) => {
  const { batch, tokens, channels, taps } = axes as Record<string, number>;
  const past = taps! - 1;
  const before = inputs.initial ?? inputs.final;
  const y = new Float64Array(batch! * tokens! * channels!);
  const final = new Float64Array(batch! * channels! * past);
  const at = (b: number, c: number, t: number): number =>
    options.order === 'channels last' ? (b * tokens! + t) * channels! + c : (b * channels! + c) * tokens! + t;
  for (let line = 0; line < batch! * channels!; line++) {
    const [b, c] = [Math.floor(line / channels!), line % channels!];
    const input = (t: number): number =>
      t >= 0 ? inputs.x![at(b, c, t)]! : (before?.[line * past + past + t] ?? 0);
    for (let t = 0; t < tokens!; t++) {
      let sum = inputs.bias?.[c] ?? 0;
      for (let j = 0; j < taps!; j++)
        sum = round(sum + round(inputs.weight![c * taps! + j]! * input(t - past + j)));
      y[at(b, c, t)] = options.silu ? round(sum / round(1 + round(Math.exp(-sum)))) : sum;
    }
    for (let i = 0; i < past; i++) final[line * past + i] = input(tokens! - past + i);
  }
  return options.states === 'none' || options.states === 'initial' ? { y } : { y, final };
};
