import { expect, test } from 'vitest';
import { staleVariableViolations } from './wgsl-laws.mjs';

const entry = (body) => `@compute @workgroup_size(1)\nfn main() {\n${body}\n}\n`;
const found = (text) => staleVariableViolations('a.wgsl', text);
const loop = 'for (var i = 0u; i < 4u; i++) {';

test('what is added to in a loop begins with a value that is written down', () => {
  const message =
    "a.wgsl:4: 'sums' may hold what it held before; give it an initial value: var sums = array<f32, 4>();";
  expect(found(entry(`${loop}\nvar sums: array<f32, 4>;\nsums[i] += 1.0;\n}`))).toEqual([message]);
  expect(found(entry(`${loop}\nvar sums = array<f32, 4>();\nsums[i] += 1.0;\n}`))).toEqual([]);
  expect(found(entry(`${loop}\nvar sums: array<f32, 4>;\nsums[i] = p.sums[i];\n}`))).toEqual([]);
  expect(found(entry(`${loop}\nvar sums: array<f32, 4>;\nlet a = sums[0] == 1.0;\n}`))).toEqual([message]);
});

test('so does a variable of a function that a loop calls', () => {
  const sum = 'fn sum() -> f32 {\nvar a: array<f32, 2>;\nreturn a[0];\n}\n';
  expect(found(sum + entry(`${loop} total += sum(); }`))).toEqual([
    "a.wgsl:2: 'a' may hold what it held before; give it an initial value: var a = array<f32, 2>();",
  ]);
  expect(found(sum + entry('total = sum();'))).toEqual([]);
});

test('an entry point runs once', () => {
  expect(found(entry('var a: array<f32, 2>;\na[0] += 1.0;'))).toEqual([]);
  expect(found(entry(`${loop} }\nif (true) {\nvar a: f32; // never in a loop\na += 1.0;\n}`))).toEqual([]);
});
