import type { JsonObject } from '@tilewright/formats';
import type { CacheFormat, Graph, Rule } from '@tilewright/graph';
import type { HostTensor, WeightFormat } from '@tilewright/kernels';
import type { RopeScalingType } from './rope-scalings/rope-scaling.ts';

/** How much room a graph is built for. */
export interface BuildOptions {
  /** Positions the cache has room for; default those the model was made for, but not above 2,048. */
  readonly capacity?: number;
  /** Most tokens of one step; default the capacity, but not above 512. */
  readonly maxTokens?: number;
  /** How keys and values are stored; default f32. */
  readonly cache?: 'f32' | 'f16';
  /** How caches are kept; default what suits the layer: `contiguous`, or a `ring` for a window. */
  readonly cacheFormat?: CacheFormat;
  /** Sequences that a step may hold at once, each with a cache of its own; default 1. `contiguous` caches hold one. */
  readonly sequences?: number;
}

/** A size of a weight, and what in the config makes it: `num_key_value_heads × head_dim`. */
export interface Axis {
  readonly size: number;
  readonly from: string;
}

/** A weight as the model's authors published it. */
export interface PublishedWeight {
  readonly axes: readonly Axis[];
  /** What in the config asks for it, where not every model of the architecture has it. */
  readonly because?: string;
}

/** Something that people do with a model's graph: what of it is read and written. All names are values of the graph. */
export interface Step {
  readonly outputs: readonly string[];
  /** Most tokens it takes at once. */
  readonly maxTokens: number;
}

/** A model as a graph, the values at which it can be cut into blocks, and what it can be asked for. */
export interface BuiltModel<Tasks = unknown> {
  readonly graph: Graph;
  /** Hidden states before and after each block. */
  readonly blocks: readonly { readonly input: string; readonly output: string }[];
  /** Every weight, by its published name. */
  readonly weights: ReadonlyMap<string, PublishedWeight>;
  /** Those that files may lack: what reads them can then not be asked for. */
  readonly optional?: ReadonlySet<string>;
  /** Tensors that files may hold although they only repeat another: the name of each, and of what it repeats. */
  readonly repeated?: ReadonlyMap<string, string>;
  /** What else is arranged at load, as the formats of the stored weights allow: rules that only such models need. */
  readonly rules?: readonly FormatRule[];
  readonly tasks: Tasks;
}

/** A rule that asks which format a stored weight has, by its published name. */
export type FormatRule = (formats: ReadonlyMap<string, WeightFormat>) => Rule;

/** What configs may say besides the usual. */
export interface ReadParts {
  /** Ways of stretching rotary positions; default none but those of Llama, `linear` and `llama3`. */
  readonly ropeScalings?: readonly RopeScalingType[];
}

/** A config that an architecture understood. */
export interface ReadConfig<Tasks = unknown> {
  /** Positions the model was made for, and the field that says so. */
  readonly context: Axis;
  /** What the config says and the architecture does not use, a sentence each. */
  readonly warnings: readonly string[];
  /** The graph of the model. Throws `bad-argument` for room that cannot be. */
  build(options: BuildOptions): BuiltModel<Tasks>;
}

/** How a published weight is made of what a source stores. */
export interface StoredWeight {
  readonly tensors: readonly string[];
  /** The shape it will have, from those of the tensors. */
  shape(shapes: readonly (readonly number[])[]): readonly number[];
  make(tensors: readonly HostTensor[]): HostTensor;
}

/** The conventions of one kind of source for one architecture. */
export interface StoredNames {
  /** How the weight that is published as `name` is stored, of tensors of these names. */
  weight(name: string, tensors: Pick<ReadonlySet<string>, 'has'>): StoredWeight;
  /** True for a tensor that only says what the config says too: it is passed over without a word. */
  isRedundant(tensor: string): boolean;
}

/** A model architecture: a value that whoever opens models hands over. Nothing outside it looks into a config. */
export interface Architecture<Tasks = unknown> {
  readonly id: string;
  /** What configs call it: the names that an error lists as supported. */
  readonly names: readonly string[];
  claims(config: JsonObject): boolean;
  /** Throws `bad-model` for what is missing, wrong or not supported, naming the field. */
  read(config: JsonObject, subject: string, parts?: ReadParts): ReadConfig<Tasks>;
  /** By kind of source; a source of another kind is refused. */
  readonly stored: Readonly<Record<string, StoredNames>>;
}

export const defineArchitecture = <Tasks>(
  claim: Pick<Architecture, 'id' | 'names' | 'claims'>,
  rest: Omit<Architecture<Tasks>, 'id' | 'names' | 'claims'>,
): Architecture<Tasks> => Object.freeze({ ...claim, ...rest });

/** An architecture whose code is fetched when a model claims it. */
export interface DeferredArchitecture<Tasks = unknown> extends Pick<Architecture, 'id' | 'names' | 'claims'> {
  load(): Promise<Architecture<Tasks>>;
}

export const deferArchitecture = <Tasks>(
  claim: Pick<Architecture, 'id' | 'names' | 'claims'>,
  load: () => Promise<Architecture<Tasks>>,
): DeferredArchitecture<Tasks> => Object.freeze({ ...claim, load });
