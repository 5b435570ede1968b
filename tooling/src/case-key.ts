// What the outcome of a case depends on, as one hash. The oracle counts by its answers, which cover whatever it and the
// fillings' references import; the data of a case by its bytes. A refactoring that leaves these alone compiles nothing.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { PreparedCase } from '@tilewright/bench/verify';
import { evaluate, type Program } from '@tilewright/kernels';
import type { Device } from '@tilewright/runtime';
import { filesBelow, root } from './files.mjs';
import { hashOf } from './passed-memory.ts';

/** What encodes, runs and compares: a change of it forgets everything. */
const machinery = [
  ...['packages/runtime/src', 'packages/bench/src/verify'].flatMap((folder) =>
    filesBelow(join(root, folder)),
  ),
  ...['case-key.ts', 'emulate-subgroups.ts', 'test-device.ts', 'test-kernel.ts'].map((name) =>
    join(import.meta.dirname, name),
  ),
].filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));

/** Environment variables that change what an adapter does; where Mesa keeps its shaders is not one. */
const settings = /^(TILEWRIGHT_TEST_(ADAPTER|PROFILE|SUBGROUP)|LP_|GALLIVM_|MESA_(?!SHADER_CACHE)|VK_)/;

/** The adapter with its driver's version, what was asked of it, Dawn, and the code between a Program and its result. */
export function environmentKey(device: Device): string {
  const known = keys.get(device);
  if (known !== undefined) return known;
  const key = newEnvironmentKey(device);
  keys.set(device, key);
  return key;
}

const keys = new WeakMap<Device, string>();

function newEnvironmentKey(device: Device): string {
  const dawn = createRequire(import.meta.url)('webgpu/package.json') as { version: string };
  const set = Object.entries(process.env).filter(([name]) => settings.test(name));
  return hashOf([
    JSON.stringify([device.adapter, dawn.version, set.sort()]),
    evaluate.toString(),
    ...machinery.map((file) => readFileSync(file, 'utf8')),
  ]);
}

/** A Program alone, for adapters that only compile. */
export const programKey = (environment: string, program: Program): string =>
  hashOf([environment, JSON.stringify(program)]);

/** A Program, what it reads, and what it must give; `hard` where it was also given what is not a number. */
export function caseKey(
  environment: string,
  prepared: PreparedCase,
  program: Program,
  hard: boolean,
): string {
  const { check, input, problem, drawn, expected, seed, floor } = prepared;
  return hashOf([
    programKey(environment, program),
    JSON.stringify([problem.axes, problem.dtypes, input.uniforms, seed, floor, check.exact]),
    ...(hard ? ['hard values', JSON.stringify(check.spreads ?? []), check.reference.toString()] : []),
    ...[...drawn].flatMap(([name, { shape, dtype, data, weight }]) => [
      JSON.stringify([name, shape, dtype]),
      weight?.bytes ?? data,
    ]),
    ...[...expected].flatMap(([name, { exact, rounded }]) => [name, exact, rounded]),
  ]);
}
