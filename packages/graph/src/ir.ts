import type { OptionValue, Sizes, StorageType } from '@tilewright/kernels';
import type { ByteType } from '@tilewright/runtime';
import type { WeightExpression } from './weights/weight-expression.ts';

/** A size that is known now, or the name of a symbol of the graph. */
export type Dimension = number | string;

/** What a value holds: what kernels store, or bytes, four to a word. */
export type ElementType = StorageType | ByteType;

export interface ValueType {
  readonly dtype: ElementType;
  readonly shape: readonly Dimension[];
}

/** Bytes of a dense value under some sizes of the symbols. */
export function bytesOfType({ dtype, shape }: ValueType, sizes: Sizes): number {
  const count = shape.reduce<number>(
    (product, each) => product * (typeof each === 'number' ? each : sizes[each]!),
    1,
  );
  return count * (dtype.endsWith('8') ? 1 : dtype === 'f16' ? 2 : 4);
}

/** Numbers, strings, flags, and nested records or lists of them (expressions, operand kinds). */
export type Attribute = OptionValue | readonly Attribute[] | { readonly [name: string]: Attribute };

/** One operation. Inputs and outputs are value names by role, as the operator names them. */
export interface Node {
  /** Unique in the graph; made from the first output. */
  readonly name: string;
  readonly op: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** What one step reads and what the next will read: `initial` is the value at the start, `final` its last successor. */
export interface StateType {
  readonly initial: string;
  readonly final: string;
}

/**
 * A graph in single static assignment form. Every value is named once: as an input, a weight, a constant, the initial
 * value of a state, or the output of one node. Nodes stand in an order in which they can run.
 */
export interface Graph {
  readonly symbols: Readonly<Record<string, { readonly max: number }>>;
  readonly values: Readonly<Record<string, ValueType>>;
  readonly inputs: readonly string[];
  /** Weight values and how each is made from the tensors of a state dict. */
  readonly weights: Readonly<Record<string, WeightExpression>>;
  /** Values known when the graph is built (tables), as numbers. */
  readonly constants: Readonly<Record<string, Float32Array | Uint32Array>>;
  readonly states: Readonly<Record<string, StateType>>;
  readonly nodes: readonly Node[];
  readonly outputs: readonly string[];
}

/** Who makes and who reads each value. */
export interface GraphIndex {
  readonly producer: ReadonlyMap<string, Node>;
  readonly consumers: ReadonlyMap<string, readonly Node[]>;
  /** Values that must exist after a run: outputs and final states. */
  readonly kept: ReadonlySet<string>;
}

export function indexGraph(graph: Graph): GraphIndex {
  const producer = new Map<string, Node>();
  const consumers = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    for (const value of Object.values(node.outputs)) producer.set(value, node);
    for (const value of new Set(Object.values(node.inputs)))
      consumers.set(value, [...(consumers.get(value) ?? []), node]);
  }
  const kept = new Set([...graph.outputs, ...Object.values(graph.states).map((state) => state.final)]);
  return { producer, consumers, kept };
}
