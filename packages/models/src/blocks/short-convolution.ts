import { shortConvolution as operator } from '@tilewright/graph/operators/short-convolution';
import type { Axis } from '../architectures/architecture.ts';
import type { DecoderBuilder } from './decoder-builder.ts';
import { madeNumbers, numbers } from './numbers.ts';
import { recurrence } from './recurrence.ts';

export interface ShortConvolutionShape {
  readonly channels: Axis;
  readonly taps: Axis;
  /** What in the config asks for a bias. */
  readonly bias: string | undefined;
}

const one: Axis = { size: 1, from: 'a filter for each channel' };

/**
 * A causal convolution of every channel with its last inputs, through silu: `NAME.weight` `[channels, 1, taps]` and `NAME.bias`. The
 * inputs before a step are a state.
 */
export function shortConvolution(
  m: DecoderBuilder,
  x: string,
  name: string,
  { channels, taps, bias: because }: ShortConvolutionShape,
): string {
  const weight = numbers(m, `${name}.weight`, [channels, one, taps]);
  const bias = because === undefined ? undefined : m.weight(`${name}.bias`, [channels], because);
  return convolved(m, { x, weight, bias }, name, [channels.size, taps.size - 1]);
}

/** Convolutions without biases of channels side by side, each with filters `PART.weight` of its own, as one of all channels. */
export function shortConvolutions(
  m: DecoderBuilder,
  x: string,
  name: string,
  parts: readonly { readonly name: string; readonly channels: Axis }[],
  taps: Axis,
): string {
  for (const part of parts) numbers(m, `${part.name}.weight`, [part.channels, one, taps]);
  const size = parts.reduce((sum, { channels }) => sum + channels.size, 0);
  const weight = m.graph.weight(`${name}.weight`, [size, 1, taps.size], {
    kind: 'concat-rows',
    parts: parts.map((part) => madeNumbers(`${part.name}.weight`)),
  });
  return convolved(m, { x, weight, bias: undefined }, name, [size, taps.size - 1]);
}

const convolved = (
  m: DecoderBuilder,
  inputs: { readonly x: string; readonly weight: string; readonly bias: string | undefined },
  name: string,
  state: readonly [channels: number, past: number],
): string =>
  recurrence(m, `${name}.state`, state, (initial, sequences) => {
    const all = { ...inputs, initial, sequences };
    const { y, final } = m.graph.node(operator, all, { activation: 'silu' }, name);
    return [y!, final!];
  });
