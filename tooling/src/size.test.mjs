import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { expect, test } from 'vitest';
import { withoutComments } from './build.mjs';
import { budgetProblems, shadersIn } from './size.mjs';

const folder = mkdtempSync(join(tmpdir(), 'tilewright-size-'));
const shaders = {
  'rms-norm': '// Σ x² "quoted"\nfn rms_norm() -> f32 { return 1.0; }\nfn shared_by_both_kernels() {}\n',
  softmax: 'fn softmax_row() {}\nfn shared_by_both_kernels() {}\n',
};
for (const [name, wgsl] of Object.entries(shaders)) {
  mkdirSync(join(folder, 'rows', name), { recursive: true });
  writeFileSync(join(folder, 'rows', name, 'check.ts'), '');
  writeFileSync(join(folder, 'rows', name, `${name}.wgsl`), wgsl);
}

test('the shaders of a bundle are recognised after minifying', () => {
  const bundle = (...names) =>
    transformSync(names.map((name) => `console.log(${JSON.stringify(shaders[name])});`).join(''), {
      minify: true,
    }).code;
  expect(shadersIn(bundle('rms-norm'), folder)).toEqual(['rms-norm']);
  expect(shadersIn(bundle('rms-norm', 'softmax'), folder)).toEqual(['rms-norm', 'softmax']);
  expect(shadersIn('', folder)).toEqual([]);
});

test('a bundle over its budget, or with a kernel too many, is refused', () => {
  const budget = { name: 'one', limitBytes: 30, shaders: ['rms-norm'] };
  expect(budgetProblems(budget, 'aaaa', ['rms-norm']).problems).toEqual([]);
  expect(budgetProblems({ ...budget, limitBytes: 10 }, 'aaaa', ['rms-norm']).problems).toEqual([
    'one: 24 bytes gzip, over its budget of 10',
  ]);
  expect(budgetProblems(budget, 'aaaa', ['rms-norm', 'softmax']).problems).toEqual([
    'one: carries the shaders of rms-norm, softmax; expected rms-norm',
  ]);
  expect(budgetProblems(budget, 'aaaa', []).problems).toEqual([
    'one: carries the shaders of no kernel; expected rms-norm',
  ]);
});

test('shaders lose their comments and indentation, and nothing else', () => {
  const wgsl =
    '// What it computes.\n//\n// More.\n/** In f32,\n  at once. */\nfn f() -> f32 { // why\n  // here\n\n  return 1.0 / 2.0;\n}\n';
  expect(withoutComments(wgsl)).toBe('fn f() -> f32 {\nreturn 1.0 / 2.0;\n}\n');
});
