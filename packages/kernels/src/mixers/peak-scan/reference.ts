import type { Oracle } from '../../contract/check.ts';

export const peakScanReference: Oracle = ({ axes, options, inputs, round }) => {
  const { batch, tokens, channels } = axes as { batch: number; tokens: number; channels: number };
  const before = new Float64Array(batch * tokens * channels);
  const final = new Float64Array(batch * channels);
  for (let line = 0; line < batch * channels; line++) {
    const [row, channel] = [Math.floor(line / channels), line % channels];
    let peak = (inputs.initial ?? inputs.final)?.[line] ?? 0;
    for (let step = 0; step < tokens; step++) {
      const at = (row * tokens + (options.reverse ? tokens - 1 - step : step)) * channels + channel;
      before[at] = peak;
      const f = inputs.forget![at]!;
      const forget = round(Math.min(f, 0) - Math.log1p(Math.exp(-Math.abs(f))));
      peak = Math.max(round(forget + peak), inputs.input![at]!);
    }
    final[line] = peak;
  }
  return options.states === 'none' || options.states === 'initial' ? { before } : { before, final };
};
