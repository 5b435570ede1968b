import type { OperatorMeaning } from '../meaning.ts';
import { countOf, elementAt, placesOf } from '../shape/places.ts';
import { pad } from './pad.ts';

export const padMeaning: OperatorMeaning = {
  operator: pad,
  meaning: ({ attributes, has, value, shape }) => {
    const [from, to] = [shape('data'), shape('output')];
    const pads = [...value('pads')];
    const axes = has('axes')
      ? [...value('axes')].map((axis) => (axis + from.length) % from.length)
      : [...from.keys()];
    const fill = has('constant_value') ? value('constant_value')[0]! : 0;
    const data = value('data');
    const output = Float64Array.from({ length: countOf(to) }, (_, i) => {
      const places = placesOf(to, i).map((place, axis) =>
        axes.includes(axis) ? place - pads[axes.indexOf(axis)]! : place,
      );
      const inside = places.every((place, axis) => place >= 0 && place < from[axis]!);
      if (attributes.mode === 'constant' && !inside) return fill;
      const held = places.map((place, axis) => {
        const size = from[axis]!;
        if (attributes.mode === 'wrap') return ((place % size) + size) % size;
        if (attributes.mode !== 'reflect') return Math.min(Math.max(place, 0), size - 1);
        let mirrored = place;
        while (size > 1 && (mirrored < 0 || mirrored >= size))
          mirrored = mirrored < 0 ? -mirrored : 2 * (size - 1) - mirrored;
        return size > 1 ? mirrored : 0;
      });
      return data[elementAt(from, held)]!;
    });
    return { output };
  },
};
