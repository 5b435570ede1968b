import type { OperatorMeaning } from '../meaning.ts';
import { scatterMeaning } from './scattered.ts';
import { scatterInPlace } from './scatter-in-place.ts';

export const scatterInPlaceMeaning: OperatorMeaning = scatterMeaning(scatterInPlace);
