import type { OperatorMeaning } from '../meaning.ts';
import { hostMeaning } from './host-meaning.ts';
import { pagedPlaces } from './paged-places.ts';

export const pagedPlacesMeaning: OperatorMeaning = hostMeaning(pagedPlaces);
