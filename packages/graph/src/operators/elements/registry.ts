// Operators of this family with their meanings: one line each.
import type { OperatorMeaning } from '../meaning.ts';
import { acosMeaning } from './acos.meaning.ts';
import { acoshMeaning } from './acosh.meaning.ts';
import { andMeaning } from './and.meaning.ts';
import { asinMeaning } from './asin.meaning.ts';
import { asinhMeaning } from './asinh.meaning.ts';
import { atanMeaning } from './atan.meaning.ts';
import { atanhMeaning } from './atanh.meaning.ts';
import { bitShiftMeaning } from './bit-shift.meaning.ts';
import { bitwiseAndMeaning } from './bitwise-and.meaning.ts';
import { bitwiseNotMeaning } from './bitwise-not.meaning.ts';
import { bitwiseOrMeaning } from './bitwise-or.meaning.ts';
import { bitwiseXorMeaning } from './bitwise-xor.meaning.ts';
import { castMeaning } from './cast.meaning.ts';
import { constantOfShapeMeaning } from './constant-of-shape.meaning.ts';
import { cosMeaning } from './cos.meaning.ts';
import { coshMeaning } from './cosh.meaning.ts';
import { equalMeaning } from './equal.meaning.ts';
import { eyeLikeMeaning } from './eye-like.meaning.ts';
import { gatherElementsMeaning } from './gather-elements.meaning.ts';
import { greaterOrEqualMeaning } from './greater-or-equal.meaning.ts';
import { greaterMeaning } from './greater.meaning.ts';
import { isInfMeaning } from './is-inf.meaning.ts';
import { isNaNMeaning } from './is-nan.meaning.ts';
import { lessOrEqualMeaning } from './less-or-equal.meaning.ts';
import { lessMeaning } from './less.meaning.ts';
import { modMeaning } from './mod.meaning.ts';
import { notMeaning } from './not.meaning.ts';
import { oneHotMeaning } from './one-hot.meaning.ts';
import { orMeaning } from './or.meaning.ts';
import { padMeaning } from './pad.meaning.ts';
import { rangeMeaning } from './range.meaning.ts';
import { roundMeaning } from './round.meaning.ts';
import { sinMeaning } from './sin.meaning.ts';
import { sinhMeaning } from './sinh.meaning.ts';
import { tanMeaning } from './tan.meaning.ts';
import { triluMeaning } from './trilu.meaning.ts';
import { whereMeaning } from './where.meaning.ts';
import { xorMeaning } from './xor.meaning.ts';

export const elementsMeanings: readonly OperatorMeaning[] = [
  acoshMeaning,
  acosMeaning,
  andMeaning,
  asinhMeaning,
  asinMeaning,
  atanhMeaning,
  atanMeaning,
  bitShiftMeaning,
  bitwiseAndMeaning,
  bitwiseNotMeaning,
  bitwiseOrMeaning,
  bitwiseXorMeaning,
  castMeaning,
  constantOfShapeMeaning,
  coshMeaning,
  cosMeaning,
  equalMeaning,
  eyeLikeMeaning,
  gatherElementsMeaning,
  greaterMeaning,
  greaterOrEqualMeaning,
  isInfMeaning,
  isNaNMeaning,
  lessMeaning,
  lessOrEqualMeaning,
  modMeaning,
  notMeaning,
  oneHotMeaning,
  orMeaning,
  padMeaning,
  rangeMeaning,
  roundMeaning,
  sinhMeaning,
  sinMeaning,
  tanMeaning,
  triluMeaning,
  whereMeaning,
  xorMeaning,
];
