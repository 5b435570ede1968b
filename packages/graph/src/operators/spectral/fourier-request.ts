// What operators ask of the kernel `fft`.
import type { Extent, Filling } from '@tilewright/kernels';
import { times } from '@tilewright/kernels';
import { fft, fftForm, fftTable } from '@tilewright/kernels/fft';
import type { KernelRequest, LoweringContext } from '../../ir.ts';
import { dtypesOf, staticSize } from '../requests.ts';
import { badNode } from '../shapes.ts';
import { linesAlong } from './axis-lines.ts';

/** Real, complex (a last axis of 2), or of a real line the bins up to size / 2, complex. */
export type Numbers = 'real' | 'complex' | 'half';

export interface FourierLines {
  readonly x: string;
  readonly y: string;
  /** Of x, its axis of parts not counted. */
  readonly axis: number;
  /** Points of the transform. */
  readonly size: number;
  readonly from: Numbers;
  readonly to: 'real' | 'complex';
  /** Whether real numbers have an axis of 1 at the end, too. */
  readonly hasParts: boolean;
  readonly inverse: boolean;
  /** There and back. */
  readonly isRound: boolean;
  readonly scale: number;
  readonly slots?: Readonly<Record<string, Filling>>;
  /** Values of what the slots bind. */
  readonly bindings?: Readonly<Record<string, string>>;
}

/** Throws `bad-graph` for a length that no plan transforms. */
export function checkLength(subject: string, size: number): void {
  try {
    fftForm(size);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw badNode(
      subject,
      `it transforms ${size} points`,
      'plans reach 4194304, and half of that where a prime above 7 divides the length',
    );
  }
}

/** The constant of roots of a length, one for all transforms of it, with its binding. */
export const tableOf = ({ arranged }: LoweringContext, size: number): string =>
  arranged(`roots of ${size}`, [2 * fftForm(size).entries], () => fftTable(size));

/** The kernel over lines along an axis. */
export function fourierRequest(lines: FourierLines, context: LoweringContext): KernelRequest {
  const { x, y, axis, size, from, to, hasParts, inverse, isRound, scale } = lines;
  const shapeOf = (value: string, complex: boolean): readonly Extent[] => {
    const { shape } = context.values[value]!;
    return complex || hasParts ? shape.slice(0, -1) : shape;
  };
  const { outer, inner } = linesAlong(context, shapeOf(x, from !== 'real'), axis);
  const bindings = { x, roots: tableOf(context, size), y, ...lines.bindings };
  const { roots: _, ...floats } = bindings;
  return {
    kernels: [fft],
    problem: {
      axes: {
        outer: context.planned(outer),
        inner: context.planned(inner),
        size,
        length: staticSize(context, x, axis),
        bins: staticSize(context, y, axis),
        parts: from === 'real' ? 1 : 2,
        channels: to === 'real' ? 1 : 2,
        entries: 2 * fftForm(size).entries,
      },
      dtypes: dtypesOf(context, floats),
      scalars: { scale },
      options: { inverse, half: from === 'half', turns: isRound ? 'round' : 'one' },
      ...(lines.slots && { slots: lines.slots }),
    },
    bindings,
    sizes: { outer, inner },
    flops: times(times(outer, inner), (isRound ? 10 : 5) * size * Math.ceil(Math.log2(size) || 1)),
  };
}
