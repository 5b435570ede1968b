import {
  anyValue,
  checkOptions,
  listOf,
  nonNegativeInteger,
  positiveInteger,
} from '../../contract/check-options.ts';
import { TilewrightError } from '../../contract/errors.ts';

/** The options of the attention kernels for one layer. */
export interface LayerSpan {
  readonly causal: true;
  /** -1 where the layer sees everything. */
  readonly window_left: number;
}

export interface LayerScheduleOptions {
  readonly layers: number;
  /** The layers that see everything; the others see `window` keys, their own among them. */
  readonly full: readonly number[];
  readonly window: number;
}

/**
 * What each layer sees where a few attend to everything and the others to a window (Zhang et al. 2023, arXiv 2310.12442).
 *
 * @throws `bad-argument` for a layer that does not exist and an empty window.
 */
export function layerSchedule(options: LayerScheduleOptions): readonly LayerSpan[] {
  checkOptions('layerSchedule', options, {
    layers: positiveInteger,
    full: listOf(anyValue),
    window: anyValue,
  });
  const { layers, full, window } = options;
  const strange = full.find((layer) => !Number.isInteger(layer) || layer < 0 || layer >= layers);
  if (strange !== undefined || !Number.isInteger(window) || window < 1)
    throw new TilewrightError('bad-argument', {
      subject: 'layerSchedule',
      problem: strange === undefined ? `a window of ${window} keys` : `layer ${strange} of ${layers}`,
      requirement: 'full layers count from 0 to layers - 1, and a window has at least one key',
      fix: 'correct the schedule',
    });
  const isFull = new Set(full);
  return Array.from({ length: layers }, (_, layer) => ({
    causal: true,
    window_left: isFull.has(layer) ? -1 : window - 1,
  }));
}

/** Keys that all layers together must keep of a row of `length`. */
export function cachedKeys(schedule: readonly LayerSpan[], length: number): number {
  checkOptions(
    'cachedKeys',
    { schedule, length },
    { schedule: { ...listOf(anyValue), what: 'what layerSchedule gives' }, length: nonNegativeInteger },
  );
  return schedule.reduce(
    (sum, { window_left: left }) => sum + (left < 0 ? length : Math.min(length, left + 1)),
    0,
  );
}
