import type { Oracle } from '../../contract/check.ts';

export const gatedScanReference: Oracle = ({ axes, options, inputs, round }) => {
  const { batch, tokens, channels } = axes as { batch: number; tokens: number; channels: number };
  const h = new Float64Array(batch * tokens * channels);
  const final = new Float64Array(batch * channels);
  for (let line = 0; line < batch * channels; line++) {
    const [row, channel] = [Math.floor(line / channels), line % channels];
    let state = (inputs.initial ?? inputs.final)?.[line] ?? 0;
    for (let step = 0; step < tokens; step++) {
      const token = options.reverse ? tokens - 1 - step : step;
      const at = (row * tokens + token) * channels + channel;
      state = round(round(inputs.a![at]! * state) + inputs.b![at]!);
      h[at] = state;
    }
    final[line] = state;
  }
  return options.states === 'none' || options.states === 'initial' ? { h } : { h, final };
};
