import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baselineCapabilities } from '@tilewright/kernels';
import { registry } from '@tilewright/kernels/registry';
import { prepareCase } from '@tilewright/bench/verify';
import { expect, test } from 'vitest';
import { caseKey } from './case-key.ts';
import { forgetOld } from './passed-folder.mjs';
import { hashOf, noMemory, passedMemory } from './passed-memory.ts';

const folder = mkdtempSync(join(tmpdir(), 'tilewright-passed-'));
const key = hashOf(['a', 'bc']);

test('what passed is remembered by every process, and only that', () => {
  expect(passedMemory(folder).has(key)).toBe(false);
  passedMemory(folder).add(key);
  passedMemory(folder).add(key);
  expect([key, hashOf(['ab', 'c'])].map(passedMemory(folder).has)).toEqual([true, false]);
  expect(readdirSync(join(folder, key.slice(0, 2)))).toEqual([key.slice(2)]);
  noMemory.add(key);
  expect(noMemory.has(key)).toBe(false);
});

test('a damaged entry is forgotten, and can be learned again', () => {
  const memory = passedMemory(folder);
  for (const content of ['', key.slice(0, 30), `${key}\n`]) {
    writeFileSync(join(folder, key.slice(0, 2), key.slice(2)), content);
    expect(memory.has(key)).toBe(false);
    memory.add(key);
    expect(memory.has(key)).toBe(true);
  }
});

test('an entry is proved again once a month', () => {
  const memory = passedMemory(folder);
  memory.add(key);
  const day = 24 * 3600 * 1000;
  forgetOld(folder, Date.now() + 29 * day);
  expect(memory.has(key)).toBe(true);
  forgetOld(folder, Date.now() + 31 * day);
  expect(memory.has(key)).toBe(false);
});

test('a key changes with whatever decides, and with nothing else', () => {
  const check = registry.find(({ kernel }) => kernel.name === 'roll')!;
  const { kernel } = check;
  const [input, other] = check.cases.slice(1) as [(typeof check.cases)[0], (typeof check.cases)[0]];
  const prepared = prepareCase(check, input);
  const [plan] = kernel.plans(prepared.problem, baselineCapabilities);
  const program = kernel.program(prepared.problem, plan!);
  const of = (changed: object, wgsl = program.wgsl, environment = ''): string =>
    caseKey(environment, { ...prepared, ...changed }, { ...program, wgsl }, false);
  const [x, ...rest] = [...prepared.drawn.values()];
  const data = Float32Array.from(x!.data);
  data[0]!++;
  const y = prepared.expected.get('y')!;
  const keys = [
    of({}),
    of({}, `${program.wgsl} `),
    of({}, program.wgsl, 'another adapter'),
    of({ seed: 2 }),
    of({ input: { ...input, uniforms: { shift: 3 } } }),
    of({ floor: 1 }),
    of({ check: { ...check, exact: ['y'] } }),
    of({ drawn: new Map([['x', { ...x!, data }]]) }),
    of({ expected: new Map([['y', { ...y, exact: y.exact.map((value) => value + 1) }]]) }),
    of({ ...prepareCase(check, other) }),
  ];
  expect(rest).toEqual([]);
  expect(new Set(keys).size).toBe(keys.length);
  expect(of({ ...prepareCase({ ...check, workloads: [] }, { ...input, name: 'of another name' }) })).toBe(
    keys[0],
  );
});
