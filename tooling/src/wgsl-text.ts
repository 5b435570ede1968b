// Vite parses every module as JavaScript; a shader is text.
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vitest/config';

/** Lets Vite and vitest import `.wgsl` files as strings, as esbuild's text loader does. */
export const wgslText: Plugin = {
  name: 'wgsl-text',
  enforce: 'pre',
  load(id) {
    const [file = ''] = id.split('?');
    if (!file.endsWith('.wgsl')) return null;
    return {
      code: `export default ${JSON.stringify(readFileSync(file, 'utf8'))};`,
      map: null,
      moduleType: 'js',
    };
  },
};
