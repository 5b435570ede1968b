// Applies the house rules of laws.mjs to every source file; fails when one is broken.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { builtIn, installedBy } from './build.mjs';
import { filesBelow, kernelFolders, root } from './files.mjs';
import { exportsViolations } from './kernel-exports.mjs';
import {
  circleViolations,
  dependencyViolations,
  importViolations,
  kernelFolderViolations,
  ladderViolations,
  lengthViolations,
  nameViolations,
  packageOf,
  packagesImported,
  pureViolations,
  relativeImports,
  skipViolations,
} from './laws.mjs';
import { registeredNames, registeredNameViolations } from './registered-names.mjs';
import { staleVariableViolations } from './wgsl-laws.mjs';

const rootManifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const manifests = new Map();
function dependenciesOf(folder) {
  if (!manifests.has(folder)) {
    const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    // What is never published may use the root's development tools.
    const tools = manifest.private ? Object.keys(rootManifest.devDependencies) : [];
    manifests.set(folder, new Set([...installedBy(manifest), ...builtIn(manifest), ...tools]));
  }
  return manifests.get(folder);
}

const errors = [];
const warnings = [];
const imports = new Map();
const importedBy = new Map();
const texts = new Map();
const names = new Map();
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
    if (path.endsWith('.wgsl')) {
      errors.push(...staleVariableViolations(path, text));
      continue;
    }
    errors.push(...pureViolations(path, text), ...skipViolations(path, text));
    errors.push(...importViolations(path, text, dependenciesOf(packageOf(path).folder)));
    errors.push(...ladderViolations(path, text));
    texts.set(path, text);
    for (const { name, kind } of registeredNames(path, text)) {
      const known = names.get(name) ?? names.set(name, { kind, folders: new Set() }).get(name);
      known.folders.add(dirname(path));
    }
    imports.set(path, relativeImports(path, text));
    const { folder } = packageOf(path);
    const used = importedBy.get(folder) ?? importedBy.set(folder, new Set()).get(folder);
    for (const name of packagesImported(path, text)) used.add(name);
  }
}

const manifestIn = (folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
const published = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`);
const peersOf = new Map(
  published.map(manifestIn).map((each) => [each.name, Object.keys(each.peerDependencies ?? {})]),
);
for (const folder of published) {
  const manifest = manifestIn(folder);
  const peers = new Set(Object.keys(manifest.dependencies ?? {}).flatMap((name) => peersOf.get(name) ?? []));
  const parts = published.filter((each) => builtIn(manifest).includes(manifestIn(each).name));
  const imported = new Set([folder, ...parts].flatMap((each) => [...importedBy.get(each)]));
  errors.push(...dependencyViolations(folder, manifest, imported, peers));
}

const source = join(root, 'packages/kernels/src');
const registry = readFileSync(join(source, 'registry.ts'), 'utf8');
for (const { path } of kernelFolders())
  errors.push(...kernelFolderViolations(path, readdirSync(join(source, path)), registry));
errors.push(
  ...exportsViolations(JSON.parse(readFileSync(join(root, 'packages/kernels/package.json'), 'utf8')).exports),
);
errors.push(...circleViolations(imports));
for (const [path, text] of texts) errors.push(...registeredNameViolations(path, text, names));

for (const warning of warnings) console.warn(`warning: ${warning}`);
for (const error of errors) console.error(`error: ${error}`);
console.log(`house rules: ${count} files, ${errors.length} errors, ${warnings.length} warnings`);
process.exitCode = errors.length > 0 ? 1 : 0;
