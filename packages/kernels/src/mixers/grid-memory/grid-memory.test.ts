import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { gridMemory } from './index.ts';

testKernel(check);

test('other numbers of edges are refused', () => {
  const axes = {
    batch: 1,
    rows: 2,
    columns: 2,
    heads: 1,
    key_size: 4,
    value_size: 4,
    transitions: 3,
    edges: 2,
  };
  expect(() => gridMemory.problem({ axes })).toThrow(
    '[grid-memory] there are 3 transitions and 2 edges; a node has two edges in and two out. Fix: give 4 and 2.',
  );
});
