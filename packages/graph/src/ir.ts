import type {
  Capabilities,
  Kernel,
  WeightFormat,
  Plan,
  Sizes,
  Expression,
  Extent,
  Filling,
} from '@tilewright/kernels';
import type { RegionArgument, RegionStep, Sight } from './absorb/region-step.ts';
import type { Contents, ExtentScope, SymbolRanges } from './extent/index.ts';
import type { KernelCall, KernelRequest } from './lowering/request.ts';
import type { Attribute, AttributeDefinition, InferContext, InputRole, ValueType } from './signature.ts';
import type { CopiedValue, View } from './views/view.ts';
import type { CacheFormatOf, CachePlaceOf, CacheStepOf } from './caches/cache-format.ts';
import type { WeightExpression } from './weights/weight-expression.ts';

export type { RegionArgument, RegionStep, Sight } from './absorb/region-step.ts';
export type { KernelCall, KernelRequest, WeightPart } from './lowering/request.ts';
export { bytesOfType } from './signature.ts';
export type {
  Attribute,
  AttributeDefinition,
  ElementType,
  InferContext,
  InputKind,
  InputRole,
  ValueType,
} from './signature.ts';
export type { CacheSizes } from './caches/cache-format.ts';
export type { CopiedValue, View, ViewDigit } from './views/view.ts';

/** The views of a graph, and how they are read. */
export interface Views {
  /** Nodes in running order, with those that copy. */
  readonly nodes: readonly Node[];
  /** Where a value lies that is a view, and not row-major from the first element of its root on. */
  readonly viewOf: (value: string) => View | undefined;
  /** What was copied, in the order in which it was found. */
  readonly copies: readonly CopiedValue[];
  /** What `resolve` makes of a request in which a kernel is told of its views; or why there is nothing. */
  readonly read: (
    node: Node,
    kernel: Kernel,
    request: KernelRequest,
    context: LoweringContext,
    resolve: (request: KernelRequest) => KernelCall | string,
  ) => KernelCall | string;
  /** A node that no kernel took because of its views, with copies of these in front; undefined where it was not that. */
  readonly withCopies: (node: Node) => readonly Node[] | undefined;
}

/** How an operator that computes nothing says where its results are: brought by it, so that graphs without views ship none of it. */
export interface ViewDefinition<Attributes = Readonly<Record<string, Attribute>>> {
  /**
   * Where the elements of each output lie in what the first input lies in; undefined where that must be row-major first.
   */
  readonly outputs: (context: ViewContext<Attributes>) => Readonly<Record<string, View>> | undefined;
  /** Finds all views of a graph: `placeViews`. */
  readonly place: PlaceViews;
}

export type PlaceViews = (
  graph: Graph,
  index: GraphIndex,
  aliases: ReadonlyMap<string, string>,
  scope: {
    readonly values: Record<string, ValueType>;
    readonly contents: Readonly<Record<string, Contents>>;
    readonly extents: ExtentScope;
  },
) => Views;

/** What is known of a node whose outputs may be views of its first input. */
export interface ViewContext<
  Attributes = Readonly<Record<string, Attribute>>,
> extends InferContext<Attributes> {
  readonly outputs: Readonly<Record<string, ValueType>>;
  /** The value that is viewed. */
  readonly source: string;
  /** Where that lies, if it is a view. */
  readonly view: View | undefined;
}

/**
 * What a node means and how it is computed: by kernels (`lower`), or by nodes of other operators (`expand`). A value:
 * whoever builds nodes of it imports it, and with it the kernels it needs. Two are the same where their ids are.
 */
export interface Operator {
  /** Domain and name. */
  readonly id: string;
  /** Who says what it means: '' is ONNX, `tilewright` is us. */
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly InputRole[];
  readonly attributes: Readonly<Record<string, AttributeDefinition>>;
  /** Output role → input role whose storage it takes over (a state and its successor). */
  readonly inPlace?: Readonly<Record<string, string>>;
  /** Output role → input role of a state: where that is one, the output is what it becomes, in its storage. */
  readonly successors?: Readonly<Record<string, string>>;
  /** Of a product of an input with what may be a stored weight, transposed: the roles of both. See `weightProduct`. */
  readonly product?: { readonly input: string; readonly weight: string };
  /** Roles of vectors that, multiplied together by a factor for each column, multiply the columns of the first output. */
  readonly columnScale?: readonly string[];
  /**
   * Of what does the same to each of some groups of columns, in whichever order these are: the input, the vectors with a number for
   * each column of a group, and the attribute that counts groups.
   */
  readonly groupwise?: {
    readonly input: string;
    readonly vectors: readonly string[];
    readonly groups: string;
  };
  /** Where its nodes absorb neighbours. */
  readonly slots?: Readonly<Record<string, Slot>>;
  /** How its nodes are absorbed. */
  readonly absorption?: Absorption;
  infer(context: InferContext): Readonly<Record<string, ValueType>>;
  /** Elements of outputs that are few integers, from those of the inputs; nodes whose outputs are all known vanish. */
  fold?(context: InferContext): Readonly<Record<string, Contents | undefined>>;
  /** Of an operator that computes nothing. */
  readonly view?: ViewDefinition;
  /** Throws `bad-graph` for what no kernel here can compute. */
  lower?(node: Node, context: LoweringContext): KernelRequest | undefined;
  /** Its outputs, u32, by role: computed by the host when a step begins, of inputs of the step and what the host made of them. */
  host?(context: HostContext): Readonly<Record<string, Uint32Array>>;
  /** Of an operator on a cache, its role `cache`: the nodes in its place where the cache has this format, and its new sections. */
  place?(
    node: Node,
    place: CachePlace,
    format: CacheFormat,
    values: Readonly<Record<string, ValueType>>,
  ): { readonly nodes: readonly Node[]; readonly sections?: Readonly<Record<string, string>> };
  /** The nodes that compute the same outputs; `undefined` where the node can be lowered as it stands. */
  expand?(node: Node, context: GraphContext): readonly Node[] | undefined;
}

/** A node under the sizes of a step, with the integers that the step gives. Attributes are complete. */
export interface HostContext<Attributes = Readonly<Record<string, Attribute>>> {
  readonly subject: string;
  readonly attributes: Attributes;
  readonly value: (role: string) => ArrayLike<number>;
  /** Shape of an input or an output by its role, symbols resolved. */
  readonly shape: (role: string) => readonly number[];
}

/** Where a host takes neighbours in: in front of an input (`load`) or behind an output (`epilogue`). */
export interface Slot {
  readonly direction: 'load' | 'epilogue';
  /** The host's input or output. */
  readonly role: string;
  readonly hands: Sight;
  /** Whether this node has it; default yes. */
  readonly when?: (node: Node, context: GraphContext) => boolean;
}

/**
 * Neighbours that a node has absorbed, unchanged: a chain that begins at what the slot hands in. A region without nodes
 * hands its arguments on as they are.
 */
export interface Region {
  readonly arguments: readonly RegionArgument[];
  readonly nodes: readonly Node[];
  /** Values that leave the region. */
  readonly results: readonly string[];
}

/** How an operator's nodes may be absorbed. */
export interface Absorption<Attributes = Readonly<Record<string, Attribute>>> {
  readonly direction: Slot['direction'];
  /** Roles through which its neighbour's value comes (of an epilogue) or goes (of a load); `any` for every input. */
  readonly through: readonly string[] | 'any';
  readonly sees: (node: Node<Attributes>, values: Readonly<Record<string, ValueType>>) => Sight;
  /** It keeps what it gets in a buffer: nothing follows. */
  readonly stores?: boolean;
  /** Nothing computes it by itself: lowering does not let it out. */
  readonly inseparable?: boolean;
  /** Of an epilogue over `width` columns. `argument` is the value that comes in. Throws for what it cannot do. */
  readonly step?: (
    node: Node<Attributes>,
    place: { readonly argument: string; readonly width: number },
    context: LoweringContext,
  ) => RegionStep;
  /** Of an epilogue of several arguments: a formula of input roles. */
  readonly expression?: (node: Node<Attributes>) => Expression;
  /** Of a load: fillings by slot of the kernel, and their buffers; and kernels that take them, where the host's own do not. */
  readonly load?: (
    node: Node<Attributes>,
    context: LoweringContext,
  ) => {
    readonly slots: Readonly<Record<string, Filling>>;
    readonly bindings: Readonly<Record<string, string>>;
    readonly kernels?: readonly Kernel[];
  };
}

/** One operation. Inputs and outputs are value names by role, as the operator names them. */
export interface Node<Attributes = Readonly<Record<string, Attribute>>> {
  /** Unique in the graph; made from the first output. */
  readonly name: string;
  readonly operator: Operator;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  /** As written: those that are left out have their defaults. */
  readonly attributes: Attributes;
  /** Neighbours that are computed with it, by the operator's slots. */
  readonly absorbed?: Readonly<Record<string, readonly Region[]>>;
}

/** What one step reads and what the next will read: `initial` is the value at the start, `final` its last successor. */
export interface StateType {
  readonly initial: string;
  readonly final: string;
  /** Of a cache of keys and values: how it is kept. */
  readonly cache?: CacheState;
}

export type CachePlace = CachePlaceOf<Node, ValueType>;
export type CacheStep = CacheStepOf<Node, ValueType>;
/** See {@link CacheFormatOf}. */
export type CacheFormat = CacheFormatOf<Node, ValueType>;

/** A cache `[sequences, key heads, positions, key size + value size]`, of which only its format knows how it lies. */
export interface CacheState {
  readonly format: CacheFormat;
  /** Channels of a key; the others are the value's. */
  readonly keySize: number;
  /** Most tokens of one step. */
  readonly chunk: number;
}

/**
 * A graph in single static assignment form. Every value is named once: as an input, a weight, a constant, the initial
 * value of a state, or the output of one node. Nodes stand in an order in which they can run.
 */
export interface Graph {
  readonly symbols: SymbolRanges;
  readonly values: Readonly<Record<string, ValueType>>;
  readonly inputs: readonly string[];
  /** Values of rank 0 that a step gives as numbers. */
  readonly scalars: readonly string[];
  /** Integer values whose elements are known: sizes and numbers. No kernel reads them. */
  readonly contents: Readonly<Record<string, Contents>>;
  /** Sizes that must be equal in a run, and are checked there. */
  readonly equalities: readonly Equality[];
  /** Weight values and how each is made from the tensors of a state dict. */
  readonly weights: Readonly<Record<string, WeightExpression>>;
  /** Values known when the graph is built (tables), as numbers. */
  readonly constants: Readonly<Record<string, Float32Array | Uint32Array>>;
  readonly states: Readonly<Record<string, StateType>>;
  readonly nodes: readonly Node[];
  readonly outputs: readonly string[];
}

/** Two sizes that a node wants equal, where only a run can tell. */
export interface Equality {
  /** The node's name. */
  readonly subject: string;
  readonly sizes: readonly [Extent, Extent];
}

/** Who makes and who reads each value. */
export interface GraphIndex {
  readonly producer: ReadonlyMap<string, Node>;
  readonly consumers: ReadonlyMap<string, ReadonlySet<Node>>;
  /** Values that must exist after a run: outputs and final states. */
  readonly kept: ReadonlySet<string>;
  /** Initial values of states. */
  readonly states: ReadonlySet<string>;
}

/** What rules and expansions look at: a graph as it stands, without an order of its nodes. */
export interface GraphContext extends GraphIndex {
  readonly extents: ExtentScope;
  readonly values: Readonly<Record<string, ValueType>>;
  readonly contents: Readonly<Record<string, Contents>>;
  readonly weights: Readonly<Record<string, WeightExpression>>;
}

export interface LoweringContext extends GraphIndex {
  /** Values that take over the storage of others, by name: which they take over. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly extents: ExtentScope;
  readonly values: Readonly<Record<string, ValueType>>;
  readonly contents: Readonly<Record<string, Contents>>;
  readonly weights: Readonly<Record<string, WeightExpression>>;
  readonly capabilities: Capabilities;
  /** The values that are views, where a graph has any. */
  readonly views: Views | undefined;
  /** WeightFormat of a weight value. */
  readonly formatOf: (weight: string) => WeightFormat;
  /** Size to plan for: with the largest value of each symbol in this compilation. */
  readonly planned: (size: Extent) => number;
  /** Largest value of each symbol in this compilation. */
  readonly sizes: Sizes;
  readonly choosePlan: (kernel: Kernel, plans: readonly Plan[]) => Plan;
  readonly constants: Graph['constants'];
  /** The name of a constant that is arranged of others, made once. */
  readonly arranged: (name: string, shape: readonly number[], make: () => Float32Array) => string;
}
