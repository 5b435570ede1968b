// Every way of stretching rotary positions beside the usual ones, for whoever opens any model.
import { dynamicScaling } from './dynamic.ts';
import type { RopeScalingType } from './rope-scaling.ts';
import { yarnScaling } from './yarn.ts';

export const ropeScalings: readonly RopeScalingType[] = [dynamicScaling, yarnScaling];
