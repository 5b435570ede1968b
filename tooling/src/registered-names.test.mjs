import { expect, test } from 'vitest';
import { registeredNames, registeredNameViolations } from './registered-names.mjs';

const folder = 'packages/graph/src/operators/pointwise';

test('names are those of operators, formats, architectures and variants', () => {
  const register = (path, text) => registeredNames(path, text).map(({ name, kind }) => `${kind} ${name}`);
  expect(
    register(`${folder}/add.ts`, "export const add = definePointwise({ name: 'Add', inputs: ['A', 'B'] });"),
  ).toEqual(['operator Add']);
  expect(
    register(
      `${folder}/mul.ts`,
      "const x: Operator = /* @__PURE__ */ defineOperator<Of>({ domain: '', name: 'Mul' });",
    ),
  ).toEqual(['operator Mul']);
  expect(register('packages/kernels/src/weights/nf4/format.ts', "const family = 'nf4';")).toEqual([
    'format nf4',
  ]);
  expect(
    register(
      'packages/models/src/architectures/bert/claim.ts',
      "claimOf('bert', ['BertModel', 'BertForMaskedLM'])",
    ),
  ).toEqual(['architecture bert', 'architecture BertModel', 'architecture BertForMaskedLM']);
  expect(
    register(
      'packages/models/src/variants/variants.ts',
      "const denseVariant = { name: 'dense-f32' }; const variants = [smaller('int8-rtn', '8 bits', rounded(8))];",
    ),
  ).toEqual(['variant dense-f32', 'variant int8-rtn']);
  expect(register(`${folder}/add.test.ts`, "defineOperator({ name: 'Twice' })")).toEqual([]);
});

test('a registered name is a text in the folder that registers it, and in tests and files of others, only', () => {
  const names = new Map([
    ['Add', { kind: 'operator', folders: new Set([folder]) }],
    ['integer', { kind: 'format', folders: new Set(['packages/kernels/src/weights/integer']) }],
  ]);
  const found = (path, text) => registeredNameViolations(path, text, names);
  const text = "\nif (node.operator.name === 'Add') skip();\nconst kind = `integer`;\n";
  expect(found('packages/graph/src/rules/norm.ts', text)).toEqual([
    "packages/graph/src/rules/norm.ts:2: 'Add' is the name of a registered operator; import the value and compare that",
    "packages/graph/src/rules/norm.ts:3: 'integer' is the name of a registered format; import the value and compare that",
  ]);
  for (const path of [
    'packages/graph/src/rules/norm.test.ts',
    'packages/graph/src/oracle/interpret.ts',
    'packages/kernels/src/rows/softmax/check.ts',
    'packages/bench/src/compare/row-cases.ts',
    'tooling/src/conformance/run-case.ts',
  ])
    expect(found(path, text)).toEqual([]);
  expect(found(`${folder}/sub.ts`, "const partner = 'Add';")).toEqual([]);
  expect(
    found('packages/graph/src/ir.ts', "type Kind = 'integer' | 'number'; const size = { type: 'integer' };"),
  ).toEqual([]);
  expect(found('packages/graph/src/ir.ts', "const problem = 'an integer is wanted, to Add';")).toEqual([]);
});
