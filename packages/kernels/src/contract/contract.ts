import type { Capabilities, Feature } from './capabilities.ts';
import type { Extent, Sizes } from './extent.ts';
import type { Filling, SlotContract } from './filling.ts';
import type { StorageType, UniformType } from './storage-type.ts';
import type { DeclaredTensor } from './tensor-access.ts';
import type { WeightFormat } from './weight-format.ts';

export type { StorageType, UniformType } from './storage-type.ts';
export type OptionValue = string | number | boolean;

/**
 * `static` axes are baked into the WGSL; `dynamic` ones are `params.<axis>` and may change from step to step
 * (their value in a Problem is the one to plan for, usually a maximum).
 */
export type AxisKind = 'static' | 'dynamic';

/** Holds in a Problem whose option has one of these values. */
export type OptionTest = readonly [option: string, value: OptionValue, ...others: OptionValue[]];

export interface TensorContract {
  /** Axis names, row-major. */
  readonly shape: readonly string[];
  /** Another shape, in the Problems that an option singles out, and the letters of its axes where `order` gives letters. */
  readonly shapeWhen?: readonly [
    option: string,
    value: OptionValue,
    shape: readonly string[],
    letters?: string,
  ];
  /** Other axes in the place of some, in the Problems that an option singles out; of a tensor whose order no option names. */
  readonly axesAs?: readonly [option: string, value: OptionValue, axes: Readonly<Record<string, string>>];
  /** A tensor of any shape will do: the one axis counts its elements, which options say how to read. */
  readonly flat?: boolean;
  /**
   * Orders of memory the kernel takes: row-major only (the default); `rows` that lie apart, as `views` of the Problem say; or
   * what an option names, with a letter for each axis of `shape` (of the logical one, where a tensor is `flat`). A plain order
   * (`bhsd`) is the order of the tensor's axes, too: `shapeOf` says which shape it has. Digits (`b s b:3 h d`) cut and mix
   * axes, so that the shape stays that of `shape`. With `rows`, `views` may move the rows of what lies in that order.
   */
  readonly order?:
    | 'row-major'
    | 'rows'
    | { readonly option: string; readonly letters: string; readonly rows?: boolean };
  /** Elements are read again and again: a view that cannot be read in whole vectors is worth a copy. */
  readonly isReread?: boolean;
  /**
   * An axis whose size divides that of another, as key heads that query heads share, and the axes that it may be confused
   * with: where only this tensor's shape tells them apart, and does not, a call has to give the axis.
   */
  readonly divides?: readonly [axis: string, whole: string, ...others: string[]];
  /** How many of the last axes make a row of `rows`. Default 1. */
  readonly rowAxes?: number;
  /** `float`: f32 or f16 as the Problem says (the default). `weight`: any format of `formats`, bound as u32 words. */
  readonly dtype?: 'float' | 'weight' | StorageType;
  /** Only bound when `problem.options[when]` is truthy (or equals the second entry). */
  readonly when?: OptionTest;
  /** An output that the kernel also reads or keeps in part (a cache): always, or with an option as `when` has it. */
  readonly inOut?: boolean | OptionTest;
}

/** A number of elements: known, or given at each run and a multiple of a known one; a stride may be signed. */
export type Distance = number | { readonly multipleOf: number; readonly isSigned?: boolean };

/** A part of the index of a row: of `size` values, `stride` elements apart. */
export interface RowDigit {
  readonly size: Distance;
  readonly stride: Distance;
}

/**
 * Where the rows of a tensor begin, a row being its last axis; made by `rowView`, so that only who has views ships what they
 * need. The whole tensor that the rows are part of is bound.
 */
export interface RowView {
  /** Elements from a row to the next; from what the digits of `inner` leave to the next. 0 reads the same again and again. */
  readonly stride: Distance;
  /** Elements before the first row. */
  readonly offset: Distance;
  /** Digits that the index of a row is cut into besides the outermost one, outermost first. Default none. */
  readonly inner?: readonly RowDigit[];
  /** Elements of a row. Default: as many as the contract's rows have, where no run says how many; 1 has an address of its own for each element. */
  readonly row?: number;
  /** Refuses what cannot be a view of the tensor that the contract calls `name`. */
  readonly check: (kernel: ViewedKernel, problem: Problem, name: string) => void;
  /** What is declared instead of `tensor`, which the contract calls `name`. */
  readonly declare: (
    tensor: DeclaredTensor,
    name: string,
    kernel: ViewedKernel,
    problem: Problem,
  ) => DeclaredView;
}

/** The name of a kernel, its axes and its tensors. */
export interface ViewedKernel {
  readonly name: string;
  readonly definition: { readonly axes: Readonly<Record<string, 'static' | 'dynamic'>> };
  readonly inputs: Readonly<Record<string, TensorContract>>;
  readonly outputs: Readonly<Record<string, TensorContract>>;
}

/** The tensor that is bound for a view, the accessors over it, and the numbers that they take at each run. */
export interface DeclaredView {
  readonly root: DeclaredTensor;
  readonly wgsl: string;
  readonly uniforms: Program['uniforms'];
}

/** What to compute: pure data, complete (every default filled in). */
export interface Problem {
  readonly axes: Sizes;
  /** Storage type of each `float` tensor, fillings' tensors as `<slot>.<binding>`; absent means f32. */
  readonly dtypes: Readonly<Record<string, StorageType>>;
  /** Format of each `weight` tensor; absent means dense f32. */
  readonly formats: Readonly<Record<string, WeightFormat>>;
  /** Numbers baked into the WGSL (an epsilon, a scale). */
  readonly scalars: Readonly<Record<string, number>>;
  readonly options: Readonly<Record<string, OptionValue>>;
  readonly slots: Readonly<Record<string, Filling>>;
  /** Tensors whose rows lie apart or begin within a larger one; absent means row-major from its first element on. */
  readonly views: Readonly<Record<string, RowView>>;
}

/** What a caller writes: everything but the axes may be left out. */
export type ProblemInput = Partial<Omit<Problem, 'axes'>> & Pick<Problem, 'axes'>;

/** How to compute it: a variant and its tile sizes. Pure data, part of every cache key. */
export type Plan = { readonly variant: string } & Readonly<Record<string, OptionValue>>;

export interface ProgramBinding {
  /** Contract name, scratch name, or `<slot>.<binding>`. */
  readonly name: string;
  readonly role: 'input' | 'output' | 'in-out' | 'scratch';
  readonly access: 'read' | 'read_write';
}

export interface ProgramDispatch {
  readonly entryPoint: string;
  /** Workgroups in all; folded over three dimensions above 65,535 (kernels call `linear_workgroup`). */
  readonly workgroups: Extent;
  /** Names of the bindings this entry point uses, in any order. */
  readonly bindings: readonly string[];
}

/** WGSL text, what is bound how, temporary buffers, and one or more dispatches. Pure data. */
export interface Program {
  readonly kernel: string;
  readonly plan: Plan;
  readonly wgsl: string;
  readonly requires: readonly Feature[];
  /** The position in this list is the binding number in group 0. */
  readonly bindings: readonly ProgramBinding[];
  /** Fields of the uniform `params`, in order, 4 bytes each; bound after the last of `bindings`. */
  readonly uniforms: readonly { readonly name: string; readonly type: UniformType }[];
  readonly scratch: readonly { readonly name: string; readonly sizeBytes: Extent }[];
  readonly dispatches: readonly ProgramDispatch[];
}

/** What a Plan chooses within a variant: tile sizes, splits. */
export type PlanChoice = Readonly<Record<string, OptionValue>>;

/** One way to compute a kernel. */
export interface Variant {
  readonly name: string;
  readonly requires?: readonly Feature[];
  /**
   * True, or the reason why not ("head size 12 is not a multiple of 8"). Here and below `kernel` is the one that the variant is
   * part of.
   */
  readonly supports?:
    | ((problem: Problem, capabilities: Capabilities, kernel: Kernel) => true | string)
    | undefined;
  /** Where its Plans stand among those of the other variants, lowest first; default its place in the list. */
  readonly rank?: (problem: Problem, capabilities: Capabilities) => number;
  /**
   * What candidate Plans choose, best guess first; never empty where `supports` is true. Default: one Plan that has nothing to
   * choose. The variant's name is put in front.
   */
  readonly plans?: (problem: Problem, capabilities: Capabilities, kernel: Kernel) => readonly PlanChoice[];
  readonly program: (problem: Problem, plan: Plan, kernel: Kernel) => Program;
}

export interface KernelDefinition {
  readonly name: string;
  readonly axes: Readonly<Record<string, AxisKind>>;
  /** Axes that only the Problems with such an option have. */
  readonly axesWhen?: Readonly<Record<string, OptionTest>>;
  readonly inputs: Readonly<Record<string, readonly string[] | TensorContract>>;
  readonly outputs: Readonly<Record<string, readonly string[] | TensorContract>>;
  /** Baked numbers; `null` where the caller must give one. */
  readonly scalars?: Readonly<Record<string, number | null>>;
  /** Numbers given at encode time, read as `params.<name>`. */
  readonly uniforms?: Readonly<Record<string, UniformType>>;
  /** Flags, with the default first in each list of allowed values (an empty list allows anything of that type). */
  readonly options?: Readonly<Record<string, readonly [OptionValue, ...OptionValue[]]>>;
  readonly slots?: Readonly<Record<string, SlotContract>>;
  /** Storage types the `float` tensors may have. */
  readonly dtypes: readonly StorageType[];
  /** Constraints the axes cannot express; throws a typed error. */
  readonly validate?: (problem: Problem) => void;
  /** What goes for all variants: true, or the reason why none can (a weight in a format that the kernel does not read). */
  readonly supports?: (problem: Problem, capabilities: Capabilities) => true | string;
  /** In order of preference. */
  readonly variants: readonly Variant[];
}

/** A kernel: its contract, and the two pure functions from Problem to Plan to Program. */
export interface Kernel<Input extends string = string, Output extends string = string> {
  readonly name: string;
  readonly definition: KernelDefinition;
  readonly inputs: Readonly<Record<Input, TensorContract>>;
  readonly outputs: Readonly<Record<Output, TensorContract>>;
  /**
   * Fills in defaults. Throws a `RangeError` for a name that the contract does not have and for what is missing, and what the
   * kernel's own validation throws; `checkProblem` also checks the values, and says what was meant.
   */
  problem(input: ProblemInput): Problem;
  /** Every Plan that can run, best guess first; empty where none can, and `checkPlans` says why. */
  plans(problem: Problem, capabilities: Capabilities): readonly Plan[];
  /** Throws a `RangeError` for a variant that the kernel does not have; `checkPlan` says which it has. */
  program(problem: Problem, plan: Plan): Program;
}
