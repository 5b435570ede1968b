import { checkOptions } from '@tilewright/kernels';
import { ringCapacity } from '@tilewright/kernels/fillings';
import type { Node } from '../ir.ts';
import { cacheRows } from '../operators/cache/cache-rows.ts';
import { badNode } from '../operators/shapes.ts';
import { ringPlaces } from '../operators/sequences/ring-places.ts';
import type { CacheFormat, CacheSizes, CacheStep } from '../ir.ts';
import { keyAndValue, storeBoth } from './key-and-value.ts';

/**
 * Keys and values of several sequences, as many rows of each as a window of `windowLeft` keys before a query and a step's tokens take:
 * position p is row p mod that. Attention must have that window, or a smaller one. Throws `bad-argument` for one without bound; reading it `bad-graph` for attention
 * that sees more.
 */
export function ring(options: { readonly windowLeft: number }): CacheFormat {
  checkOptions('ring', options, ['windowLeft']);
  const { windowLeft } = options;
  ringCapacity({ windowLeft });
  const format = rowsOfPositions(`ring(${windowLeft})`, ({ positions, chunk }) =>
    Math.min(positions, ringCapacity({ windowLeft, chunk })),
  );
  return {
    ...format,
    read: (step) => {
      const { name, window } = step;
      if (window < 0 || window > windowLeft)
        throw badNode(
          name,
          `it sees ${window < 0 ? 'all keys' : `${window} keys before its own`}, and its cache keeps a window of ${windowLeft}`,
          'a ring holds what attention sees',
        );
      return format.read(step);
    },
  };
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
