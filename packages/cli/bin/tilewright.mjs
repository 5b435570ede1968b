#!/usr/bin/env node
// npm links this file before anything is built, in a clone too; what it runs is made by `npm run build:js`.
import { existsSync } from 'node:fs';

const built = new URL('../dist/bin.js', import.meta.url);
if (existsSync(built)) await import(built.href);
else {
  console.error('[tilewright] the packages are not built; this is a clone. Fix: npm run build:js.');
  process.exitCode = 1;
}
