// A linear memory over a grid: the recurrence, the same as sums over paths, and what one row of it is.
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runNode } from '../../oracle/run-node.ts';
import { drawnNumbers, relativeError, sketch } from '../../oracle/sketch.ts';
import { meanings } from '../../registry.ts';
import { gridMemory } from './grid-memory.ts';
import { linearAttention } from './linear-attention.ts';

const [heads, keys, values] = [2, 3, 4];

/** Numbers from 0 to 1. */
const open = (seed: number, count: number): Float32Array =>
  drawnNumbers(seed, count).map((each) => (1 + each) / 2);

/** A grid of one picture: what its nodes say. */
function drawnGrid(rows: number, columns: number) {
  const nodes = rows * columns;
  return {
    q: drawnNumbers(1, nodes * heads * keys),
    k: drawnNumbers(2, nodes * heads * keys),
    v: drawnNumbers(3, nodes * heads * values),
    transitions: open(4, nodes * 4 * heads).map((each) => each / 2),
    sources: open(5, nodes * 2 * heads),
    marks: open(6, nodes * 2 * heads),
  };
}

const widths = {
  q: heads * keys,
  k: heads * keys,
  v: heads * values,
  transitions: 4 * heads,
  sources: 2 * heads,
  marks: 2 * heads,
};

const written = (rows: number, columns: number) => {
  const s = sketch();
  const inputs = Object.fromEntries(
    Object.entries(widths).map(([name, width]) => [name, s.input(name, [1, rows, columns, width])]),
  );
  return s.finish(s.first(gridMemory, inputs, { heads }));
};

describe.skipIf(testProfile.compileOnly)('grid memory', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  test.each([
    ['f32', 0, 0, 2e-6],
    ['f32', 1, 1, 2e-6],
    ['f16', 0, 1, 2e-3],
  ] as const)('in %s, upwards %i, to the left %i, is what it means', async (dtype, up, left, bound) => {
    const shapes = Object.fromEntries(
      Object.entries(widths).map(([role, width]) => [role, ['m', 'n', 5, width]]),
    );
    const { results } = await runNode(opened.device, meanings, {
      operator: gridMemory,
      inputs: shapes,
      attributes: { heads, scale: 0.5, reverse_rows: up, reverse_columns: left },
      dtype,
      draw: (normal) => normal / 2,
    });
    for (const want of results['y']!.wants)
      expect(relativeError(results['y']!.got, want)).toBeLessThan(bound);
  });

  test('the recurrence is attention whose weights are sums over paths', async () => {
    const [rows, columns] = [4, 5];
    const data = drawnGrid(rows, columns);
    const nodes = rows * columns;
    const [got] = await written(rows, columns).onDevice(opened.device, data);
    const want = new Float64Array(nodes * heads * values);
    for (let head = 0; head < heads; head++)
      for (let from = 0; from < nodes; from++) {
        // What the source of one node alone is worth on every edge.
        const gate = (
          role: 'transitions' | 'sources' | 'marks',
          node: number,
          count: number,
          which: number,
        ) => data[role][(node * count + which) * heads + head]!;
        const right = new Float64Array(nodes);
        const down = new Float64Array(nodes);
        for (let to = from; to < nodes; to++) {
          const [y, x] = [Math.floor(to / columns), to % columns];
          const [R, D] = [x > 0 ? right[to - 1]! : 0, y > 0 ? down[to - columns]! : 0];
          const source = (which: number): number => (to === from ? gate('sources', to, 2, which) : 0);
          right[to] = gate('transitions', to, 4, 0) * R + gate('transitions', to, 4, 2) * D + source(0);
          down[to] = gate('transitions', to, 4, 1) * R + gate('transitions', to, 4, 3) * D + source(1);
          let weight = gate('marks', to, 2, 0) * R + gate('marks', to, 2, 1) * D;
          let product = 0;
          for (let c = 0; c < keys; c++)
            product += data.q[(to * heads + head) * keys + c]! * data.k[(from * heads + head) * keys + c]!;
          weight *= product;
          for (let j = 0; j < values; j++)
            want[(to * heads + head) * values + j]! += weight * data.v[(from * heads + head) * values + j]!;
        }
      }
    expect(relativeError(got!, want)).toBeLessThan(5e-6);
  });

  test('one row is gated linear attention, read one node later', async () => {
    const columns = 9;
    const data = drawnGrid(1, columns);
    const [got] = await written(1, columns).onDevice(opened.device, data);
    const s = sketch();
    const [query, key, value, decay] = [
      s.input('query', [1, columns, heads * keys]),
      s.input('key', [1, columns, heads * keys]),
      s.input('value', [1, columns, heads * values]),
      s.input('decay', [1, columns, heads]),
    ];
    const attends = s.finish(
      s.first(
        linearAttention,
        { query, key, value, decay },
        { q_num_heads: heads, kv_num_heads: heads, update_rule: 'gated', scale: 1 },
      ),
    );
    const gate = (role: 'transitions' | 'sources' | 'marks', node: number, count: number, head: number) =>
      data[role][node * count * heads + head]!;
    const headOf = (i: number): number => Math.floor(i / keys) % heads;
    const [later] = await attends.onDevice(opened.device, {
      query: data.q.map((_, i) => {
        const next = Math.floor(i / keys / heads) + 1;
        return next < columns ? gate('marks', next, 2, headOf(i)) * data.q[i + heads * keys]! : 0;
      }),
      key: data.k.map((each, i) => gate('sources', Math.floor(i / keys / heads), 2, headOf(i)) * each),
      value: data.v,
      decay: Float32Array.from({ length: columns * heads }, (_, i) =>
        Math.log(gate('transitions', Math.floor(i / heads), 4, i % heads)),
      ),
    });
    const width = heads * values;
    expect(got!.slice(0, width).every((each) => each === 0)).toBe(true);
    expect(relativeError(got!.slice(width), later!.slice(0, -width))).toBeLessThan(5e-6);
  });

  test('a node is seen by those below and to the right of it, and by no other', async () => {
    const [rows, columns] = [5, 6];
    const data = drawnGrid(rows, columns);
    const grid = written(rows, columns);
    const [before] = await grid.onDevice(opened.device, data);
    const [y, x] = [2, 3];
    const v = data.v.slice();
    v[(y * columns + x) * heads * values] = 7;
    const [after] = await grid.onDevice(opened.device, { ...data, v });
    for (let node = 0; node < rows * columns; node++) {
      const [row, column] = [Math.floor(node / columns), node % columns];
      const isSeen = row >= y && column >= x && node !== y * columns + x;
      const at = node * heads * values;
      expect([node, before![at] !== after![at]]).toEqual([node, isSeen]);
    }
  });
});
