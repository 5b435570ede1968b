import { shortConvolution as operator } from '@tilewright/graph/operators/short-convolution';
import type { Axis } from '../architectures/architecture.ts';
import type { DecoderBuilder } from './decoder-builder.ts';
import { numbers } from './numbers.ts';
import { recurrence } from './recurrence.ts';

export interface ShortConvolutionShape {
  readonly channels: Axis;
  readonly taps: Axis;
  /** What in the config asks for a bias. */
  readonly bias: string | undefined;
}

/**
 * A causal convolution of every channel with its last inputs, through silu: `NAME.weight` `[channels, 1, taps]` and `NAME.bias`. The
 * inputs before a step are a state.
 */
export function shortConvolution(
  m: DecoderBuilder,
  x: string,
  name: string,
  { channels, taps, bias }: ShortConvolutionShape,
): string {
  const weight = numbers(m, `${name}.weight`, [
    channels,
    { size: 1, from: 'a filter for each channel' },
    taps,
  ]);
  const added = bias === undefined ? undefined : m.weight(`${name}.bias`, [channels], bias);
  return recurrence(m, `${name}.state`, [channels.size, taps.size - 1], (initial, sequences) => {
    const inputs = { x, weight, bias: added, initial, sequences };
    const { y, final } = m.graph.node(operator, inputs, { activation: 'silu' }, name);
    return [y!, final!];
  });
}
