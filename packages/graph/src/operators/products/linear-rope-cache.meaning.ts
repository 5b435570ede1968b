import { columnsOf, multiply, rotate, scatter } from '../../oracle/arithmetic.ts';
import type { OperatorMeaning } from '../meaning.ts';
import { linearInput } from './linear-input.ts';
import { linearRopeCache } from './linear-rope-cache.ts';

export const linearRopeCacheMeaning: OperatorMeaning = {
  operator: linearRopeCache,
  meaning: (context) => {
    const { attributes, value, shape } = context;
    const { heads, kvHeads, headSize, rotary } = attributes as Record<string, number>;
    const all = multiply(linearInput(context), value('weight'), shape('weight')[1]!);
    const width = (heads! + 2 * kvHeads!) * headSize!;
    const [endQ, endK] = [heads! * headSize!, (heads! + kvHeads!) * headSize!];
    const turn = (x: Float64Array, count: number): Float64Array =>
      rotate(x, count, value('table'), rotary! / 2, value('positions'), (i) => [2 * i, 2 * i + 1]);
    const k = turn(columnsOf(all, width, endQ, endK), kvHeads!);
    return {
      q: turn(columnsOf(all, width, 0, endQ), heads!),
      presentKey: scatter(value('pastKey'), shape('pastKey'), k, value('positions')),
      presentValue: scatter(
        value('pastValue'),
        shape('pastValue'),
        columnsOf(all, width, endK, width),
        value('positions'),
      ),
    };
  },
};
