// What the main entry has, for those who have checked what they hand over: a page then ships no check twice.
export { foldGains } from './fold-gains.ts';
