// The house rules that a linter does not know, as functions of a file's path and text. `npm run lint` applies them.
import { posix } from 'node:path';
import ts from 'typescript';

/** Which of our packages a package may import. Those not named here may import anything. */
const mayImport = {
  kernels: [],
  runtime: ['kernels'],
  formats: ['kernels'],
  graph: ['kernels', 'runtime'],
  compression: ['kernels', 'runtime', 'graph'],
  quant: ['kernels', 'graph', 'compression'],
  prune: ['kernels', 'graph', 'compression'],
  models: ['graph', 'formats', 'kernels', 'runtime', 'compression', 'quant', 'prune'],
};
/** Only tooling and these import the last three: nothing else may depend on a program. */
const programs = ['bench', 'cli', 'demo'];
/** Packages that run anywhere on nothing: no third party, no Node. */
const bare = ['kernels', 'runtime', 'graph', 'compression', 'quant', 'prune'];
const vagueNames = /^(utils?|helpers?|common|misc)$/;
export const budget = { warn: 250, fail: 400 };

const isTest = (path) => /\.test\.(ts|mjs)$/.test(path);
const isExempt = (path) => isTest(path) || path.includes('/generated/');

/** `{ name, folder }` of the package a path lies in: `packages/graph`, `apps/demo`, `tooling`; undefined at the root. */
export function packageOf(path) {
  const [first, second] = path.split('/');
  if (first === 'tooling') return { name: 'tooling', folder: 'tooling' };
  if ((first === 'packages' || first === 'apps') && second !== undefined)
    return { name: second, folder: `${first}/${second}` };
  return undefined;
}

/** Every module that `text` imports, by import, export or `import()`, with its line. */
function importsOf(text) {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName, pos }) => ({
    specifier: fileName,
    line: text.slice(0, pos).split('\n').length,
  }));
}

const ourPackage = (specifier) =>
  specifier === 'tilewright' ? 'cli' : /^@tilewright\/([^/]+)/.exec(specifier)?.[1];
const packageName = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** The import law. `dependencies` are the names that the package's manifest declares. Tests and checks are exempt. */
export function importViolations(path, text, dependencies) {
  const home = packageOf(path);
  if (home === undefined || isTest(path) || posix.basename(path) === 'check.ts') return [];
  const found = [];
  for (const { specifier, line } of importsOf(text)) {
    const say = (problem) => found.push(`${path}:${line}: ${problem}`);
    if (specifier.startsWith('.')) {
      const target = posix.join(posix.dirname(path), specifier);
      if (!target.startsWith(`${home.folder}/`) && home.name !== 'tooling') {
        say(`imports '${specifier}', which lies outside ${home.folder}; import the package by its name`);
      }
      if (!/\.(ts|js|mjs|wgsl|json|css|html)$/.test(specifier))
        say(`imports '${specifier}' without its extension`);
      continue;
    }
    const ours = ourPackage(specifier);
    if (ours !== undefined) {
      if (ours === home.name) say(`imports its own package '${specifier}'; use a relative path`);
      else if (mayImport[home.name]?.includes(ours) === false) {
        say(
          `${home.name} may not import '${specifier}': it may import ${mayImport[home.name].join(', ') || 'nothing of ours'}`,
        );
      } else if (programs.includes(ours) && !programs.includes(home.name) && home.name !== 'tooling') {
        say(`${home.name} may not import '${specifier}': nothing depends on a program`);
      }
    } else if (bare.includes(home.name)) {
      say(`${home.name} may not import '${specifier}': it runs anywhere and depends on nothing`);
      continue;
    }
    if (!specifier.startsWith('node:') && ours !== home.name && !dependencies.has(packageName(specifier))) {
      say(`imports '${specifier}', which ${home.folder}/package.json does not list`);
    }
  }
  return found;
}

/**
 * Run-time dependencies that a package does not use: no file that ships imports them (`imported`), and they are no peer
 * that one of its dependencies wants provided (`peers`).
 */
export const dependencyViolations = (folder, { dependencies = {} }, imported, peers) =>
  Object.keys(dependencies)
    .filter((name) => !imported.has(name) && !peers.has(name))
    .map((name) => `${folder}/package.json: depends on '${name}', which nothing that ships imports`);

/** The packages that a file of a package imports: names without their subpaths. Tests import what they like. */
export const packagesImported = (path, text) =>
  isTest(path) || path.includes('/src/test/')
    ? []
    : importsOf(text).flatMap(({ specifier }) =>
        /^(\.|node:)/.test(specifier) ? [] : [packageName(specifier)],
      );

/** Files of at most 400 lines; from 250 a warning. Tests and generated files are exempt. */
export function lengthViolations(path, text) {
  if (isExempt(path)) return { errors: [], warnings: [] };
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  const message = `${path}: ${lines} lines; split it by what it is about (${budget.warn} is a smell, ${budget.fail} the limit)`;
  return {
    errors: lines > budget.fail ? [message] : [],
    warnings: lines > budget.warn && lines <= budget.fail ? [message] : [],
  };
}

/** No file or folder named after nothing. */
export function nameViolations(path) {
  const vague = path
    .split('/')
    .map((part) => part.split('.')[0])
    .filter((part) => vagueNames.test(part));
  return vague.map((part) => `${path}: '${part}' says nothing; name what is inside`);
}

/** A bundler drops an unused kernel only when the call that makes it is annotated. */
export function pureViolations(path, text) {
  if (isTest(path) || !path.startsWith('packages/kernels/')) return [];
  return matches(text, /(?<!\w|\* @__PURE__ \*\/ |function )defineKernel(?=[(<])/g).map(
    ({ line }) => `${path}:${line}: write /* @__PURE__ */ before defineKernel, or bundlers keep every kernel`,
  );
}

/**
 * No `.only`; a skip says why in a comment on its line or the one above. Skipping where nothing runs (Dawn's null backend
 * compiles only) says it by its condition.
 */
export function skipViolations(path, text) {
  if (!isTest(path)) return [];
  const lines = text.split('\n');
  const chain = '\\b(?:test|it|describe|suite)(?:\\.\\w+)*\\.';
  const only = matches(text, new RegExp(`${chain}only\\b`, 'g')).map(
    ({ line }) => `${path}:${line}: remove .only`,
  );
  const skips = matches(text, new RegExp(`${chain}(?:skip|todo|skipIf|runIf)\\b`, 'g'))
    .filter(({ line }) => !`${lines[line - 2] ?? ''}\n${lines[line - 1]}`.includes('//'))
    .filter(({ line }) => !lines[line - 1].includes('skipIf(testProfile.compileOnly)'))
    .map(({ line }) => `${path}:${line}: say in a comment why this is skipped`);
  return [...only, ...skips];
}

/** A kernel's folder holds what DESIGN asks for, and the registry names it. `files` are the folder's file names. */
export function kernelFolderViolations(path, files, registry) {
  const folder = `packages/kernels/src/${path}`;
  const missing = ['index.ts', 'check.ts', 'README.md'].filter((file) => !files.includes(file));
  const found = missing.map((file) => `${folder}: ${file} is missing`);
  if (!files.some((file) => file.endsWith('.test.ts'))) found.push(`${folder}: a test is missing`);
  if (!registry.includes(`./${path}/check.ts`))
    found.push(`${folder}: packages/kernels/src/registry.ts does not name it`);
  return found;
}

/** Families of packages/kernels, from the bottom up: a file imports only from its own family and those before it. */
export const ladder = [
  'contract',
  'numbers',
  'memory',
  'weights',
  'pointwise',
  'rows',
  'position',
  'products',
  'grid',
  'attention',
  'cache',
  'mixers',
  'spectral',
];

/** Imports up the ladder. Tests and checks are exempt. */
export function ladderViolations(path, text) {
  const [, family] = /^packages\/kernels\/src\/([^/]+)\//.exec(path) ?? [];
  if (!ladder.includes(family) || isTest(path) || posix.basename(path).startsWith('check')) return [];
  return importsOf(text).flatMap(({ specifier, line }) => {
    if (!specifier.startsWith('.')) return [];
    const [, target] =
      /^packages\/kernels\/src\/([^/]+)\//.exec(posix.join(posix.dirname(path), specifier)) ?? [];
    if (!ladder.includes(target) || ladder.indexOf(target) <= ladder.indexOf(family)) return [];
    return [`${path}:${line}: the family ${family} may not import from ${target}, which stands above it`];
  });
}

/**
 * Circles among files: each as `a imports b imports a`, once. `imports` maps a path to the paths it imports.
 */
export function circleViolations(imports) {
  const done = new Set();
  const found = [];
  const walk = (path, trail) => {
    const from = trail.indexOf(path);
    if (from >= 0) {
      found.push(
        `${[...trail.slice(from), path].join(' imports ')}: files may not import each other in a circle`,
      );
      return;
    }
    if (done.has(path)) return;
    for (const target of imports.get(path) ?? []) walk(target, [...trail, path]);
    done.add(path);
  };
  for (const path of imports.keys()) walk(path, []);
  return found;
}

/** The files of the same package that a file imports. */
export const relativeImports = (path, text) =>
  importsOf(text)
    .filter(({ specifier }) => specifier.startsWith('.') && specifier.endsWith('.ts'))
    .map(({ specifier }) => posix.join(posix.dirname(path), specifier));

function matches(text, pattern) {
  return [...text.matchAll(pattern)].map(({ index }) => ({ line: text.slice(0, index).split('\n').length }));
}
