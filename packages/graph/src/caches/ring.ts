import { ringCapacity } from '@tilewright/kernels/fillings';
import type { Node } from '../ir.ts';
import { cacheRows } from '../operators/cache/cache-rows.ts';
import { ringPlaces } from '../operators/sequences/ring-places.ts';
import type { CacheFormat, CacheSizes, CacheStep } from '../ir.ts';
import { keyAndValue, storeBoth } from './contiguous.ts';

/**
 * Keys and values of several sequences, as many rows of each as a window of `windowLeft` keys before a query and a step's tokens take:
 * position p is row p mod that. Attention must have that window, or a smaller one. Throws `bad-argument` for one without bound.
 */
export function ring({ windowLeft }: { readonly windowLeft: number }): CacheFormat {
  ringCapacity({ windowLeft });
  return rowsOfPositions(`ring(${windowLeft})`, ({ positions, chunk }) =>
    Math.min(positions, ringCapacity({ windowLeft, chunk })),
  );
}

/** All keys and values of several sequences, a row for each position. */
export const packedRows: CacheFormat = /* @__PURE__ */ rowsOfPositions(
  'packed-rows',
  ({ positions }) => positions,
);

function rowsOfPositions(id: string, capacityOf: (sizes: CacheSizes) => number): CacheFormat {
  const read = ({ name, sections, sizes }: CacheStep, part: 'key' | 'value'): Node => ({
    name: `${name}.${part}_rows`,
    operator: cacheRows,
    inputs: { section: sections[part]! },
    outputs: { rows: `${name}.${part}_rows.rows` },
    attributes: { part, positions: sizes.positions },
  });
  return {
    id,
    sections: (sizes) => keyAndValue(sizes, capacityOf(sizes)),
    append: (step) => {
      const { sizes, sequences, tokens, positions, shared } = step;
      const attributes = { tokens, capacity: capacityOf(sizes) };
      return storeBoth(
        step,
        sizes.rows === 1
          ? positions
          : shared({ operator: ringPlaces, inputs: { sequences }, attributes }, 'places'),
      );
    },
    read: (step) => {
      const nodes = [read(step, 'key'), read(step, 'value')] as const;
      return { nodes, K: nodes[0].outputs.rows!, V: nodes[1].outputs.rows! };
    },
  };
}
