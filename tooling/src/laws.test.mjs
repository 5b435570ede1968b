import { expect, test } from 'vitest';
import {
  circleViolations,
  dependencyViolations,
  importViolations,
  kernelFolderViolations,
  ladderViolations,
  lengthViolations,
  nameViolations,
  packagesImported,
  pureViolations,
  skipViolations,
} from './laws.mjs';

const dependencies = new Set([
  '@tilewright/kernels',
  '@tilewright/graph',
  '@tilewright/bench',
  '@tilewright/runtime',
  'webgpu',
]);
const imports = (path, text) => importViolations(path, text, dependencies);

test('the import law lets through what it allows', () => {
  const text =
    "import { a } from '@tilewright/kernels/rms-norm';\nexport * from './ir.ts';\nimport wgsl from './x.wgsl';\n";
  expect(imports('packages/graph/src/index.ts', text)).toEqual([]);
  expect(
    imports('packages/bench/src/a.ts', "import 'webgpu'; import 'node:fs'; import '@tilewright/graph';"),
  ).toEqual([]);
  expect(imports('packages/cli/src/a.ts', "import { x } from '@tilewright/bench';")).toEqual([]);
  expect(imports('tooling/src/a.ts', "import { x } from '@tilewright/bench/adapter';")).toEqual([]);
});

test.each([
  [
    'packages/kernels/src/a.ts',
    '@tilewright/runtime',
    "kernels may not import '@tilewright/runtime': it may import nothing of ours",
  ],
  [
    'packages/runtime/src/a.ts',
    '@tilewright/graph',
    "runtime may not import '@tilewright/graph': it may import kernels",
  ],
  [
    'packages/formats/src/a.ts',
    '@tilewright/runtime',
    "formats may not import '@tilewright/runtime': it may import kernels",
  ],
  [
    'packages/models/src/a.ts',
    '@tilewright/bench',
    "models may not import '@tilewright/bench': it may import graph, formats, kernels, runtime, compression, quant, prune",
  ],
  [
    'packages/new/src/a.ts',
    '@tilewright/bench',
    "new may not import '@tilewright/bench': nothing depends on a program",
  ],
  [
    'packages/graph/src/a.ts',
    '@tilewright/graph',
    "imports its own package '@tilewright/graph'; use a relative path",
  ],
  [
    'packages/kernels/src/a.ts',
    'node:fs',
    "kernels may not import 'node:fs': it runs anywhere and depends on nothing",
  ],
  [
    'packages/quant/src/a.ts',
    'ml-matrix',
    "quant may not import 'ml-matrix': it runs anywhere and depends on nothing",
  ],
  [
    'packages/models/src/a.ts',
    'valibot',
    "imports 'valibot', which packages/models/package.json does not list",
  ],
  [
    'packages/graph/src/a.ts',
    '../../runtime/src/b.ts',
    "imports '../../runtime/src/b.ts', which lies outside packages/graph; import the package by its name",
  ],
  ['packages/graph/src/a.ts', './b', "imports './b' without its extension"],
])('the import law finds %s importing %s', (path, specifier, problem) => {
  for (const form of [
    `import { x } from '${specifier}';`,
    `export * from '${specifier}';`,
    `const x = import('${specifier}');`,
  ]) {
    expect(imports(path, `// a comment\n${form}\n`)).toEqual([`${path}:2: ${problem}`]);
  }
});

test('tests and checks are exempt from the import law, comments and strings are no imports', () => {
  expect(imports('packages/kernels/src/a.test.ts', "import '@tilewright/runtime';")).toEqual([]);
  expect(imports('packages/kernels/src/rows/a/check.ts', "import '@tilewright/runtime';")).toEqual([]);
  expect(
    imports('packages/kernels/src/a.ts', "// import '@tilewright/runtime';\nconst s = \"import 'x'\";"),
  ).toEqual([]);
});

test('long files warn, longer ones fail, tests and generated files may be long', () => {
  const lines = (n) => 'x\n'.repeat(n);
  expect(lengthViolations('packages/a/src/b.ts', lines(250))).toEqual({ errors: [], warnings: [] });
  expect(lengthViolations('packages/a/src/b.wgsl', lines(251)).warnings).toHaveLength(1);
  expect(lengthViolations('packages/a/src/b.wgsl', lines(400)).errors).toEqual([]);
  expect(lengthViolations('packages/a/src/b.ts', lines(401)).errors).toEqual([
    'packages/a/src/b.ts: 401 lines; split it by what it is about (250 is a smell, 400 the limit)',
  ]);
  expect(lengthViolations('packages/a/src/b.test.ts', lines(999)).errors).toEqual([]);
});

test('vague names are found in files and folders', () => {
  expect(nameViolations('packages/a/src/utils.ts')).toEqual([
    "packages/a/src/utils.ts: 'utils' says nothing; name what is inside",
  ]);
  expect(nameViolations('packages/a/src/common/x.ts')).toHaveLength(1);
  expect(nameViolations('packages/a/src/helper.test.ts')).toHaveLength(1);
  expect(nameViolations('packages/a/src/common-subexpression.ts')).toEqual([]);
});

test('defineKernel must be annotated where it is called', () => {
  const path = 'packages/kernels/src/rows/a/index.ts';
  expect(pureViolations(path, 'const a = /* @__PURE__ */ defineKernel({')).toEqual([]);
  expect(pureViolations(path, 'export function defineKernel<I>(x: I)')).toEqual([]);
  expect(pureViolations(path, "import { defineKernel } from 'x';\n\nconst a = defineKernel({")).toEqual([
    `${path}:3: write /* @__PURE__ */ before defineKernel, or bundlers keep every kernel`,
  ]);
});

test('focused tests are refused, skipped ones need a reason', () => {
  const path = 'packages/a/src/b.test.ts';
  const word = 'only'; // spelled apart, since this file is checked too
  const skip = 'skip';
  expect(skipViolations(path, `test.${word}('x', () => {});`)).toEqual([`${path}:1: remove .only`]);
  expect(skipViolations(path, `describe.concurrent.${word}('x', () => {});`)).toHaveLength(1);
  expect(skipViolations(path, `a();\nb();\ntest.${skip}('x', () => {});`)).toEqual([
    `${path}:3: say in a comment why this is skipped`,
  ]);
  expect(skipViolations(path, `// needs a file\ntest.${skip}If(absent)('x', () => {});`)).toEqual([]);
});

test('a kernel folder is complete and registered', () => {
  const files = ['index.ts', 'check.ts', 'README.md', 'a.test.ts', 'a.wgsl'];
  expect(kernelFolderViolations('rows/a', files, "import './rows/a/check.ts'")).toEqual([]);
  expect(kernelFolderViolations('rows/a', ['index.ts'], '')).toEqual([
    'packages/kernels/src/rows/a: check.ts is missing',
    'packages/kernels/src/rows/a: README.md is missing',
    'packages/kernels/src/rows/a: a test is missing',
    'packages/kernels/src/rows/a: packages/kernels/src/registry.ts does not name it',
  ]);
});

test('a family imports from those below it only', () => {
  const path = 'packages/kernels/src/rows/rms-norm/index.ts';
  expect(
    ladderViolations(path, "import { a } from '../../contract/a.ts';\nimport b from '../b.wgsl';"),
  ).toEqual([]);
  expect(ladderViolations(path, "import { a } from '../../attention/slots.ts';")).toEqual([
    `${path}:1: the family rows may not import from attention, which stands above it`,
  ]);
  expect(ladderViolations(path.replace('index', 'check'), "import '../../attention/slots.ts';")).toEqual([]);
});

test('files may not import each other in a circle', () => {
  const imports = new Map([
    ['a.ts', ['b.ts', 'c.ts']],
    ['b.ts', ['c.ts']],
    ['c.ts', ['b.ts']],
  ]);
  expect(circleViolations(imports)).toEqual([
    'b.ts imports c.ts imports b.ts: files may not import each other in a circle',
  ]);
  expect(circleViolations(new Map([['a.ts', ['b.ts']]]))).toEqual([]);
});

test('a package depends on what it imports, or what its dependencies want provided', () => {
  const manifest = { dependencies: { a: '1', '@b/c': '1', peer: '1', idle: '1' } };
  const imported = new Set([
    ...packagesImported(
      'packages/x/src/a.ts',
      "import a from 'a/sub';\nexport * from '@b/c';\nimport './d.ts';\nimport 'node:fs';",
    ),
    ...packagesImported('packages/x/src/a.test.ts', "import 'idle';"),
    ...packagesImported('packages/x/src/test/run.ts', "import 'idle';"),
  ]);
  expect([...imported]).toEqual(['a', '@b/c']);
  expect(dependencyViolations('packages/x', manifest, imported, new Set(['peer']))).toEqual([
    "packages/x/package.json: depends on 'idle', which nothing that ships imports",
  ]);
  expect(dependencyViolations('packages/x', {}, imported, new Set())).toEqual([]);
});
