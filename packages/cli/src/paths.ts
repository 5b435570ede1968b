import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// This module stands one level below its package, in the sources as in what is built.
const manifest = new URL('../package.json', import.meta.url);
const repository = new URL('../../../', import.meta.url);

/** The version of this package. */
export const packageVersion = (): string =>
  (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }).version;

/** The model that the repository ships. */
export const shippedModel: string = fileURLToPath(new URL('models/shakespeare-1m', repository));
