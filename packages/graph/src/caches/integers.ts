import { checkOptions, nonNegativeInteger, oneOf, optional } from '@tilewright/kernels';
import { quantizedPlane } from '@tilewright/kernels/cache';
import type { CacheFormat, Node, ValueType } from '../ir.ts';
import { quantizeRows } from '../operators/cache/quantize-rows.ts';
import { planeOf } from '../operators/cache/quantized-attributes.ts';
import { quantizedRows } from '../operators/cache/quantized-rows.ts';
import { badNode } from '../operators/shapes.ts';

/**
 * Keys and values of one sequence as integers of 8 or 4 bits, with a scale and a least value for each row of a head, or for each
 * `channels` of it (a divisor or a multiple of the codes in a word of 32 bits). A write is a dispatch of its own: a scale needs the whole
 * row.
 */
export function integers(options: { readonly bits: 8 | 4; readonly channels?: number }): CacheFormat {
  checkOptions('integers', options, { bits: oneOf(8, 4), channels: optional(nonNegativeInteger) });
  const { bits, channels = 0 } = options;
  const attributesOf = (positions: number) => ({ bits, channels, capacity: positions });
  return {
    id: `integers(${bits}, ${channels})`,
    sections: ({ rows, heads, positions, keySize, valueSize }) => {
      if (rows > 1)
        throw badNode(
          'integers',
          `a cache is to hold ${rows} sequences`,
          'packedRows, ring and paged hold several',
        );
      const section = (size: number): ValueType => ({
        dtype: 'u32',
        shape: [1, heads, quantizedPlane(planeOf(attributesOf(positions), size)).planeWords],
      });
      return { key: section(keySize), value: section(valueSize) };
    },
    append: ({ name, sections, sizes, before, K, V }) => {
      const write = (section: 'key' | 'value', update: string): Node => ({
        name: `${name}.${section}`,
        operator: quantizeRows,
        inputs: { past: sections[section]!, update, before },
        outputs: { present: `${name}.${section}.present` },
        attributes: attributesOf(sizes.positions),
      });
      const nodes = [write('key', K), write('value', V)] as const;
      return { nodes, sections: { key: nodes[0].outputs.present!, value: nodes[1].outputs.present! } };
    },
    read: ({ name, sections, sizes }) => {
      const read = (part: 'key' | 'value', size: number): Node => ({
        name: `${name}.${part}_rows`,
        operator: quantizedRows,
        inputs: { section: sections[part]! },
        outputs: { rows: `${name}.${part}_rows.rows` },
        attributes: { ...attributesOf(sizes.positions), part, size },
      });
      const nodes = [read('key', sizes.keySize), read('value', sizes.valueSize)] as const;
      return { nodes, K: nodes[0].outputs.rows!, V: nodes[1].outputs.rows! };
    },
  };
}
