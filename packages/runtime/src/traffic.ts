import type { SequenceItem } from './sequence-item.ts';
import type { Cell, StepRecord } from './step-record.ts';

/**
 * Counts the bytes that the dispatches of a step address. What does not change from step to step is added up once, the rest
 * by the cells it depends on.
 */
export function createTraffic(record: StepRecord, items: readonly SequenceItem[]): () => number {
  /** By the cell of their workgroups: dispatches that run or do not run together. */
  const groups = new Map<Cell, { fixedBytes: number; readonly times: Map<Cell, number> }>();
  for (const item of items)
    for (const { workgroups, bindings } of item.program.dispatches) {
      const cell = record.cellOf(workgroups, item.sizes);
      const group = groups.get(cell) ?? { fixedBytes: 0, times: new Map<Cell, number>() };
      groups.set(cell, group);
      for (const name of bindings) {
        const addressed = item.addressedBytes?.[name];
        if (addressed === undefined) {
          group.fixedBytes += item.bindings[name]?.sizeBytes ?? 0;
          continue;
        }
        const bytes = record.cellOf(addressed);
        group.times.set(bytes, (group.times.get(bytes) ?? 0) + 1);
      }
    }
  return () => {
    let sum = 0;
    for (const [workgroups, { fixedBytes, times }] of groups) {
      if (record.valueOf(workgroups) === 0) continue;
      sum += fixedBytes;
      for (const [cell, count] of times) sum += count * record.valueOf(cell);
    }
    return sum;
  };
}
