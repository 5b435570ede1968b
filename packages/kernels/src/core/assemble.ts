import type { Feature, LanguageFeature } from './capabilities.ts';
import type {
  Plan,
  Problem,
  Program,
  ProgramBinding,
  ProgramDispatch,
  StorageType,
  TensorContract,
} from './contract.ts';
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
  const { kernel, problem, plan } = input;
  const fillings = Object.entries(problem.slots);
  const requires = unique([
    ...(input.requires ?? []),
    ...fillings.flatMap(([, filling]) => filling.requires ?? []),
  ]);
  const halfStorage = requires.includes('shader-f16');
  const omitted = new Set(fillings.flatMap(([, filling]) => filling.omits ?? []));

  const bound: Bound[] = [];
  const bindContract = (tensors: Readonly<Record<string, TensorContract>>, output: boolean): void => {
    for (const [name, tensor] of Object.entries(tensors)) {
      if (omitted.has(name) || !isBound(tensor, problem)) continue;
      const view = input.views?.[name];
      const role = output ? (tensor.inOut ? 'in-out' : 'output') : 'input';
      bound.push(
        bind(
          name,
          view?.identifier ?? name,
          role,
          view?.dtype ?? storageOf(tensor, problem.dtypes[name]),
          view?.width,
        ),
      );
    }
  };
  bindContract(kernel.inputs, false);
  bindContract(kernel.outputs, true);
  const contractNames = bound.map((each) => each.name);
  for (const [slot, filling] of fillings)
    for (const [name, binding] of Object.entries(filling.bindings ?? {})) {
      const outside = `${slot}.${name}`;
      const dtype = binding.dtype === 'float' ? (problem.dtypes[outside] ?? 'f32') : binding.dtype;
      bound.push(bind(outside, `${slot}_${name}`, binding.role ?? 'input', dtype, binding.width));
    }
  for (const [name, view] of Object.entries(input.scratch ?? {}))
    bound.push(bind(name, name, 'scratch', view.dtype ?? 'f32', view.width));

  const uniforms: Program['uniforms'] = [
    ...Object.entries(kernel.definition.axes)
      .filter(([, kind]) => kind === 'dynamic')
      .map(([name]) => ({ name, type: 'u32' as const })),
    ...Object.entries(kernel.definition.uniforms ?? {}).map(([name, type]) => ({ name, type })),
    ...fillings.flatMap(([slot, filling]) =>
      Object.entries(filling.uniforms ?? {}).map(([name, type]) => ({ name: `${slot}_${name}`, type })),
    ),
  ];

  const slotBindings = (slot: string): string[] =>
    Object.keys(problem.slots[slot]?.bindings ?? {}).map((name) => `${slot}.${name}`);
  const dispatches = input.dispatches.map((each): ProgramDispatch => ({
    entryPoint: each.entryPoint,
    workgroups: each.workgroups,
    bindings: unique([
      ...(each.bindings ?? contractNames).filter((name) => !omitted.has(name)),
      ...(each.slots ?? Object.keys(problem.slots)).flatMap(slotBindings),
    ]),
  }));

  const lines = [
    ...(halfStorage ? ['enable f16;'] : []),
    ...(requires.includes('subgroups') ? ['enable subgroups;'] : []),
    ...languageFeatures
      .filter((feature) => requires.includes(feature))
      .map((feature) => `requires ${feature};`),
    ...Object.entries(input.constants ?? {}).map(([name, value]) => `const ${name} = ${literal(value)};`),
    ...declareParams(uniforms, bound.length),
    ...bound.map((each, index) => declareTensor({ ...each, name: each.identifier }, index, halfStorage)),
    linearWorkgroup,
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
    scratch: Object.entries(input.scratch ?? {}).map(([name, { sizeBytes }]) => ({ name, sizeBytes })),
    dispatches,
  });
}

/** Whether a contract tensor takes part in this problem. */
export function isBound(tensor: TensorContract, problem: Problem): boolean {
  return tensor.when === undefined || problem.options[tensor.when[0]] === tensor.when[1];
}

/** The storage type of a contract tensor; weights are words. */
export function storageOf(tensor: TensorContract, chosen: StorageType | undefined): StorageType {
  const dtype = tensor.dtype ?? 'float';
  if (dtype === 'float') return chosen ?? 'f32';
  return dtype === 'weight' ? 'u32' : dtype;
}

function bind(
  name: string,
  identifier: string,
  role: ProgramBinding['role'],
  dtype: StorageType,
  width: 1 | 2 | 4 = 1,
): Bound {
  return { name, identifier, role, access: role === 'input' ? 'read' : 'read_write', dtype, width };
}

const linearWorkgroup = `fn linear_workgroup(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return id.x + count.x * (id.y + count.y * id.z);
}`;

function declareParams(uniforms: Program['uniforms'], binding: number): string[] {
  if (uniforms.length === 0) return [];
  const fields = uniforms.map(({ name, type }) => `${name}: ${type},`).join(' ');
  return [`struct Params { ${fields} }`, `@group(0) @binding(${binding}) var<uniform> params: Params;`];
}

function literal(value: number | boolean | { readonly f32: number }): string {
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && Number.isInteger(value)) return value < 0 ? `${value}i` : `${value}u`;
  const float = Math.fround(typeof value === 'number' ? value : value.f32);
  return `f32(${float})`;
}

const unique = <T>(list: readonly T[]): T[] => [...new Set(list)];
