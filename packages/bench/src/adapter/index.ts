export { findLavapipe } from './drivers.ts';
export type { AdapterChoice, AdapterOptions, SelectedAdapter } from './select.ts';
export { selectAdapter, useSoftwareDriver } from './select.ts';
