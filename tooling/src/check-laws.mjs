// Applies the house rules of laws.mjs to every source file; fails when one is broken.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { filesBelow, root } from './files.mjs';
import {
  importViolations,
  kernelFolderViolations,
  lengthViolations,
  nameViolations,
  packageOf,
  pureViolations,
  skipViolations,
} from './laws.mjs';

const rootManifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const manifests = new Map();
function dependenciesOf(folder) {
  if (!manifests.has(folder)) {
    const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const names = ({ dependencies, optionalDependencies, peerDependencies }) =>
      [dependencies, optionalDependencies, peerDependencies].flatMap((kind) => Object.keys(kind ?? {}));
    // What is never published may use the root's development tools.
    const tools = manifest.private ? Object.keys(rootManifest.devDependencies) : [];
    manifests.set(folder, new Set([...names(manifest), ...tools]));
  }
  return manifests.get(folder);
}

const errors = [];
const warnings = [];
let count = 0;
for (const top of ['packages', 'apps', 'tooling']) {
  for (const file of filesBelow(join(root, top))) {
    const path = relative(root, file).split(sep).join('/');
    if (!/\.(ts|mjs|wgsl)$/.test(path)) continue;
    count++;
    const text = readFileSync(file, 'utf8');
    const length = lengthViolations(path, text);
    errors.push(...length.errors, ...nameViolations(path));
    warnings.push(...length.warnings);
    if (path.endsWith('.wgsl')) continue;
    errors.push(...pureViolations(path, text), ...skipViolations(path, text));
    errors.push(...importViolations(path, text, dependenciesOf(packageOf(path).folder)));
  }
}

const kernels = join(root, 'packages/kernels/src/kernels');
if (existsSync(kernels)) {
  const registry = readFileSync(join(root, 'packages/kernels/src/registry.ts'), 'utf8');
  for (const name of readdirSync(kernels))
    errors.push(...kernelFolderViolations(name, readdirSync(join(kernels, name)), registry));
}

for (const warning of warnings) console.warn(`warning: ${warning}`);
for (const error of errors) console.error(`error: ${error}`);
console.log(`house rules: ${count} files, ${errors.length} errors, ${warnings.length} warnings`);
process.exitCode = errors.length > 0 ? 1 : 0;
