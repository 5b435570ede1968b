import { expect, test } from 'vitest';
import { exportsViolations, kernelExports } from './kernel-exports.mjs';

const root = {
  'tilewright-source': './src/index.ts',
  types: './dist/index.d.ts',
  default: './dist/index.js',
};
const kernels = [{ name: 'argmax', family: 'rows', path: 'rows/argmax' }];

test('import paths are flat whatever the family', () => {
  const exports = kernelExports({ '.': root, './package.json': './package.json' }, kernels, ['dense']);
  expect(Object.keys(exports)).toEqual([
    '.',
    './weights/dense',
    './argmax',
    './argmax/check',
    './package.json',
  ]);
  expect(exports['./argmax']).toEqual({
    'tilewright-source': './src/rows/argmax/index.ts',
    types: './dist/rows/argmax/index.d.ts',
    default: './dist/rows/argmax/index.js',
  });
  expect(exports['./weights/dense'].types).toBe('./dist/weights/dense/index.d.ts');
  expect(kernelExports(exports, kernels, ['dense'])).toEqual(exports);
  expect(Object.keys(kernelExports(exports, [], []))).toEqual(['.', './package.json']);
});

test('a manifest that lacks a kernel is refused', () => {
  expect(exportsViolations({ '.': root, './package.json': './package.json' })).toEqual([
    'packages/kernels/package.json: exports are not those of its kernels; run node tooling/src/kernel-exports.mjs',
  ]);
});
