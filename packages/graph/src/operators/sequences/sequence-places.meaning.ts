import type { OperatorMeaning } from '../meaning.ts';
import { hostMeaning } from './host-meaning.ts';
import { sequencePlaces } from './sequence-places.ts';

export const sequencePlacesMeaning: OperatorMeaning = hostMeaning(sequencePlaces);
