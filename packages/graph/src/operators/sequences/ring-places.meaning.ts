import type { OperatorMeaning } from '../meaning.ts';
import { hostMeaning } from './host-meaning.ts';
import { ringPlaces } from './ring-places.ts';

export const ringPlacesMeaning: OperatorMeaning = hostMeaning(ringPlaces);
