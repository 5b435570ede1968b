export { packSigns, signs, signsFamily, unpackSigns } from './signs.ts';
export { softSign } from './soft-sign.ts';
export { softSignKernel } from './soft-sign-kernel.ts';
export { tidal } from './tidal.ts';
