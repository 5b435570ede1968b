import type { Feature, LanguageFeature } from './capabilities.ts';
import type { Plan, Problem, Program, ProgramBinding, StorageType, TensorContract } from './contract.ts';
import type { Kernel } from './define-kernel.ts';
import type { Extent } from './extent.ts';
import { declareTensor } from './tensor-access.ts';

/** How a contract tensor or a scratch buffer is seen by the WGSL. */
export interface TensorView {
  /** Elements per access: `<name>_load(i)` and `<name>_store(i, v)` count in units of this many. Default 1. */
  readonly width?: 1 | 2 | 4;
  /** Overrides the storage type (weights are u32 words). */
  readonly dtype?: StorageType;
  /** What the WGSL calls it, where a file that several kernels share has its own word; default the contract's name. */
  readonly identifier?: string;
}

export interface ScratchView extends TensorView {
  readonly sizeBytes: Extent;
}

export interface AssembleInput {
  readonly kernel: Kernel;
  readonly problem: Problem;
  readonly plan: Plan;
  readonly requires?: readonly Feature[];
  /** Emitted as `const NAME = value;`: integers as u32, others as f32 unless wrapped in `{ f32: … }`; booleans as bool. */
  readonly constants?: Readonly<Record<string, number | boolean | { readonly f32: number }>>;
  readonly views?: Readonly<Record<string, TensorView>>;
  readonly scratch?: Readonly<Record<string, ScratchView>>;
  /** The `.wgsl` files of the variant, in any order. */
  readonly wgsl: readonly string[];
  /**
   * `bindings`: contract and scratch names; the bindings of a filling are added to every dispatch that lists its slot
   * in `slots` (default: all slots).
   */
  readonly dispatches: readonly {
    readonly entryPoint: string;
    readonly workgroups: Extent;
    /** Default: every bound contract tensor. */
    readonly bindings?: readonly string[];
    readonly slots?: readonly string[];
  }[];
}

const languageFeatures: readonly LanguageFeature[] = ['packed_4x8_integer_dot_product', 'subgroup_id'];

interface Bound extends ProgramBinding {
  readonly identifier: string;
  readonly dtype: StorageType;
  readonly width: 1 | 2 | 4;
}

/**
 * Concatenates prelude, files and fillings into a Program. The prelude holds constants, the `params` uniform (dynamic
 * axes, then uniforms, then fillings' uniforms), bindings with typed accessors, and `linear_workgroup`.
 */
export function assemble(input: AssembleInput): Program {
  const { kernel, problem, plan, views = {} } = input;
  const { axes, uniforms: own } = kernel.definition;
  const fillings = entries(problem.slots);
  const requires = unique([
    ...(input.requires ?? []),
    ...fillings.flatMap(([, each]) => each.requires ?? []),
  ]);
  const needs = (feature: Feature): boolean => requires.includes(feature);
  const omitted = fillings.flatMap(([, { omits = [] }]) => omits);

  const bound: Bound[] = [];
  const bind = (
    name: string,
    role: Bound['role'],
    dtype: StorageType,
    width?: 1 | 2 | 4,
    identifier?: string,
  ): void => {
    const access = role === 'input' ? 'read' : 'read_write';
    bound.push({ name, role, access, dtype, width: width ?? 1, identifier: identifier ?? name });
  };
  for (const tensors of [kernel.inputs, kernel.outputs])
    for (const [name, tensor] of entries(tensors)) {
      if (omitted.includes(name) || !isBound(tensor, problem)) continue;
      const { dtype = storageOf(tensor, problem.dtypes[name]), width, identifier } = views[name] ?? {};
      bind(
        name,
        tensors === kernel.inputs ? 'input' : tensor.inOut ? 'in-out' : 'output',
        dtype,
        width,
        identifier,
      );
    }
  const contractNames = bound.map(({ name }) => name);
  for (const [slot, filling] of fillings)
    for (const [name, tensor] of entries(filling.bindings)) {
      const outside = `${slot}.${name}`;
      const dtype = storageOf(tensor, problem.dtypes[outside]);
      bind(outside, tensor.role ?? 'input', dtype, tensor.width, `${slot}_${name}`);
    }
  for (const [name, { dtype = 'f32', width }] of entries(input.scratch)) bind(name, 'scratch', dtype, width);

  const uniforms: Program['uniforms'] = [
    ...entries(axes).flatMap(([name, kind]) => (kind === 'dynamic' ? [{ name, type: 'u32' as const }] : [])),
    ...entries(own).map(([name, type]) => ({ name, type })),
    ...fillings.flatMap(([slot, each]) =>
      entries(each.uniforms).map(([name, type]) => ({ name: `${slot}_${name}`, type })),
    ),
  ];
  const fields = uniforms.map(({ name, type }) => `${name}: ${type},`).join(' ');

  const lines = [
    ...(needs('shader-f16') ? ['enable f16;'] : []),
    ...(needs('subgroups') ? ['enable subgroups;'] : []),
    ...languageFeatures.filter(needs).map((feature) => `requires ${feature};`),
    ...entries(input.constants).map(([name, value]) => `const ${name} = ${literal(value)};`),
    ...(fields && [
      `struct Params { ${fields} }\n@group(0) @binding(${bound.length}) var<uniform> params: Params;`,
    ]),
    ...bound.map((each, index) =>
      declareTensor({ ...each, name: each.identifier }, index, needs('shader-f16')),
    ),
    `fn linear_workgroup(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return id.x + count.x * (id.y + count.y * id.z);
}`,
    ...input.wgsl,
    ...fillings.map(([slot, filling]) => filling.wgsl(slot)),
  ];
  return Object.freeze({
    kernel: kernel.name,
    plan,
    wgsl: lines.join('\n'),
    requires,
    bindings: bound.map(({ name, role, access }) => ({ name, role, access })),
    uniforms,
    scratch: entries(input.scratch).map(([name, { sizeBytes }]) => ({ name, sizeBytes })),
    dispatches: input.dispatches.map(({ entryPoint, workgroups, bindings = contractNames, slots }) => ({
      entryPoint,
      workgroups,
      bindings: unique([
        ...bindings.filter((name) => !omitted.includes(name)),
        ...(slots ?? fillings.map(([slot]) => slot)).flatMap((slot) =>
          entries(problem.slots[slot]?.bindings).map(([name]) => `${slot}.${name}`),
        ),
      ]),
    })),
  });
}

/** Whether a contract tensor takes part in this problem. */
export function isBound(tensor: TensorContract, problem: Problem): boolean {
  return tensor.when === undefined || problem.options[tensor.when[0]] === tensor.when[1];
}

/** The storage type of a tensor of a contract or a filling; weights are words. */
export function storageOf(
  tensor: Pick<TensorContract, 'dtype'>,
  chosen: StorageType | undefined,
): StorageType {
  const { dtype = 'float' } = tensor;
  return dtype === 'float' ? (chosen ?? 'f32') : dtype === 'weight' ? 'u32' : dtype;
}

function literal(value: number | boolean | { readonly f32: number }): string {
  if (typeof value === 'boolean') return String(value);
  if (Number.isInteger(value)) return `${String(value)}${(value as number) < 0 ? 'i' : 'u'}`;
  return `f32(${Math.fround(typeof value === 'number' ? value : value.f32)})`;
}

const entries = <T>(record: Readonly<Record<string, T>> = {}): [string, T][] => Object.entries(record);
const unique = <T>(list: readonly T[]): T[] => [...new Set(list)];
