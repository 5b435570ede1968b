import type { OperatorMeaning } from '../meaning.ts';
import { cast } from './cast.ts';
import { heldType } from './data-types.ts';

const ends = { i32: [-(2 ** 31), 2 ** 31 - 1], u32: [0, 2 ** 32 - 1] } as const;

export const castMeaning: OperatorMeaning = {
  operator: cast,
  meaning: ({ node, attributes, value, type }) => {
    const { dtype, boolean } = heldType(node.name, 'to', Number(attributes.to));
    const isFloat = type('input').dtype.startsWith('f');
    const one = (x: number): number => {
      if (boolean) return Number(x !== 0);
      if (dtype !== 'i32' && dtype !== 'u32') return x;
      if (!isFloat) return dtype === 'i32' ? x | 0 : x >>> 0;
      const [least, most] = ends[dtype];
      return Number.isNaN(x) ? 0 : Math.min(Math.max(Math.trunc(x), least), most);
    };
    return { output: value('input').map(one) };
  },
};
