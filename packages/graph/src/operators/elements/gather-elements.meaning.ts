import type { OperatorMeaning } from '../meaning.ts';
import { elementAt, placesOf } from '../shape/places.ts';
import { gatherElements } from './gather-elements.ts';

export const gatherElementsMeaning: OperatorMeaning = {
  operator: gatherElements,
  meaning: ({ attributes, value, shape }) => {
    const [data, from] = [value('data'), shape('data')];
    const axis = (Number(attributes.axis) + from.length) % from.length;
    const size = from[axis]!;
    const output = value('indices').map((index, i) => {
      const at = index < 0 ? index + size : index;
      return at >= 0 && at < size ? data[elementAt(from, placesOf(shape('indices'), i).with(axis, at))]! : 0;
    });
    return { output };
  },
};
