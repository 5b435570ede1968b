import type { Feature } from './capabilities.ts';
import type { AxisKind, Problem, Program } from './contract.ts';
import { type DeclaredTensor, declareTensor } from './tensor-access.ts';

/** Emitted as `const NAME = value;`: integers as u32, others as f32 unless wrapped in `{ f32: … }`; booleans as bool. */
export type Constants = Readonly<Record<string, number | boolean | { readonly f32: number }>>;

/** The extensions that WGSL enables; language features it requires. */
const extensions: Readonly<Partial<Record<Feature, string>>> = {
  'shader-f16': 'f16',
  subgroups: 'subgroups',
  'subgroup-size-control': 'subgroup_size_control',
};

/**
 * What the WGSL of a Program begins with: features, constants, the `params` uniform, bindings with typed accessors, and
 * `linear_workgroup`.
 */
export function prelude(
  requires: readonly Feature[],
  constants: Constants,
  uniforms: Program['uniforms'],
  tensors: readonly DeclaredTensor[],
): string[] {
  const fields = uniforms.map(({ name, type }) => `${name}: ${type},`).join(' ');
  return [
    ...requires.map((feature) =>
      feature in extensions ? `enable ${extensions[feature]};` : `requires ${feature};`,
    ),
    ...Object.entries(constants).map(([name, value]) => `const ${name} = ${literal(value)};`),
    ...(fields && [
      `struct Params { ${fields} }\n@group(0) @binding(${tensors.length}) var<uniform> params: Params;`,
    ]),
    ...tensors.map((tensor, place) => declareTensor(tensor, place, requires.includes('shader-f16'))),
    `fn linear_workgroup(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return id.x + count.x * (id.y + count.y * id.z);
}`,
  ];
}

/** The dynamic axes of a Problem, as fields of `params`. */
export const axisUniforms = (
  axes: Readonly<Record<string, AxisKind>>,
  present: Problem['axes'],
): Program['uniforms'] =>
  Object.keys(present)
    .filter((name) => axes[name] === 'dynamic')
    .map((name) => ({ name, type: 'u32' }));

function literal(value: Constants[string]): string {
  if (typeof value === 'boolean') return `${value}`;
  if (typeof value === 'number' && Number.isInteger(value)) return `${value}${value < 0 ? 'i' : 'u'}`;
  return `f32(${Math.fround(typeof value === 'number' ? value : value.f32)})`;
}
