import type { OperatorMeaning } from '../meaning.ts';
import { scatterMeaning } from './scattered.ts';
import { tensorScatter } from './tensor-scatter.ts';

export const tensorScatterMeaning: OperatorMeaning = scatterMeaning(tensorScatter);
