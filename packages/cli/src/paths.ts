import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// This module stands one level below its package, in the sources as in what is built.
const manifest = new URL('../package.json', import.meta.url);
const repository = new URL('../../../', import.meta.url);

/** The version of this package. */
export const packageVersion = (): string =>
  (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }).version;

const shipped = (name: string): string => fileURLToPath(new URL(`models/${name}`, repository));

/** The model that the repository ships. */
export const shippedModel: string = shipped('shakespeare-1m');

/** The same with other mixers: of one size, trained on the same text with the same budget. */
export const shippedModels: readonly string[] = [
  shippedModel,
  ...['shakespeare-mamba2-1m', 'shakespeare-deltanet-1m', 'shakespeare-hybrid-1m'].map(shipped),
];
