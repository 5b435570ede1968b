// Operators of this family with their meanings: one line each.
import type { OperatorMeaning } from '../meaning.ts';
import { absMeaning } from './abs.meaning.ts';
import { addMeaning } from './add.meaning.ts';
import { ceilMeaning } from './ceil.meaning.ts';
import { celuMeaning } from './celu.meaning.ts';
import { clipMeaning } from './clip.meaning.ts';
import { divMeaning } from './div.meaning.ts';
import { eluMeaning } from './elu.meaning.ts';
import { erfMeaning } from './erf.meaning.ts';
import { expMeaning } from './exp.meaning.ts';
import { floorMeaning } from './floor.meaning.ts';
import { geluMeaning } from './gelu.meaning.ts';
import { hardSigmoidMeaning } from './hard-sigmoid.meaning.ts';
import { hardSwishMeaning } from './hard-swish.meaning.ts';
import { leakyReluMeaning } from './leaky-relu.meaning.ts';
import { logMeaning } from './log.meaning.ts';
import { maxMeaning } from './max.meaning.ts';
import { meanMeaning } from './mean.meaning.ts';
import { minMeaning } from './min.meaning.ts';
import { mishMeaning } from './mish.meaning.ts';
import { mulMeaning } from './mul.meaning.ts';
import { multipleMeaning } from './multiple.meaning.ts';
import { negMeaning } from './neg.meaning.ts';
import { pReluMeaning } from './p-relu.meaning.ts';
import { powMeaning } from './pow.meaning.ts';
import { reciprocalMeaning } from './reciprocal.meaning.ts';
import { reluMeaning } from './relu.meaning.ts';
import { seluMeaning } from './selu.meaning.ts';
import { shrinkMeaning } from './shrink.meaning.ts';
import { sigmoidMeaning } from './sigmoid.meaning.ts';
import { signMeaning } from './sign.meaning.ts';
import { softplusMeaning } from './softplus.meaning.ts';
import { softsignMeaning } from './softsign.meaning.ts';
import { sqrtMeaning } from './sqrt.meaning.ts';
import { subMeaning } from './sub.meaning.ts';
import { sumMeaning } from './sum.meaning.ts';
import { swiGluMeaning } from './swi-glu.meaning.ts';
import { swishMeaning } from './swish.meaning.ts';
import { tanhMeaning } from './tanh.meaning.ts';
import { thresholdedReluMeaning } from './thresholded-relu.meaning.ts';

export const pointwiseMeanings: readonly OperatorMeaning[] = [
  absMeaning,
  addMeaning,
  ceilMeaning,
  celuMeaning,
  clipMeaning,
  divMeaning,
  eluMeaning,
  erfMeaning,
  expMeaning,
  floorMeaning,
  geluMeaning,
  hardSigmoidMeaning,
  hardSwishMeaning,
  leakyReluMeaning,
  logMeaning,
  maxMeaning,
  meanMeaning,
  minMeaning,
  mishMeaning,
  mulMeaning,
  multipleMeaning,
  negMeaning,
  powMeaning,
  pReluMeaning,
  reciprocalMeaning,
  reluMeaning,
  seluMeaning,
  shrinkMeaning,
  sigmoidMeaning,
  signMeaning,
  softplusMeaning,
  softsignMeaning,
  sqrtMeaning,
  subMeaning,
  sumMeaning,
  swiGluMeaning,
  swishMeaning,
  tanhMeaning,
  thresholdedReluMeaning,
];
