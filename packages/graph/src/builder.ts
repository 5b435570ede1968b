import { type Extent, TilewrightError, type UniformType } from '@tilewright/kernels';
import type {
  Attribute,
  CacheState,
  ElementType,
  Equality,
  Graph,
  Node,
  Operator,
  StateType,
  ValueType,
} from './ir.ts';
import {
  type Contents,
  contentsOf,
  extentScope,
  knownValue,
  mostContents,
  printShape,
} from './extent/index.ts';
import { inferNode } from './infer-node.ts';
import { checkGraph } from './spec.ts';
import { stored, type WeightExpression } from './weights/weight-expression.ts';

/** Builds a graph node by node; each method returns value names. */
export interface GraphBuilder {
  input(name: string, dtype: ElementType, shape: readonly Extent[]): string;
  /** A number that every step gives, for nodes that read one: a temperature, a seed. */
  scalar(name: string, type: UniformType): string;
  /** Few integers that are known, or sizes of the graph: the target of a reshape, the places of a slice. No kernel reads them. */
  integers(name: string, shape: readonly number[], contents: Contents): string;
  /** A weight read from the tensor of the same name in the state dict, or made as an expression says. */
  weight(name: string, shape: readonly number[], expression?: WeightExpression): string;
  constant(name: string, shape: readonly number[], data: Float32Array | Uint32Array): string;
  /** The value a state has at the start of a step; pass its last successor to `finish`. */
  state(name: string, dtype: ElementType, shape: readonly number[]): string;
  /** A cache of keys and values as a state `[rows, heads, positions, key size + value size]`: see `AppendCache`. */
  cache(name: string, dtype: ElementType, shape: readonly number[], cache: CacheState): string;
  /** Adds a node and returns its outputs by role. Types are inferred; throws `bad-graph` when they do not fit. */
  node(
    operator: Operator,
    inputs: Readonly<Record<string, string | undefined>>,
    attributes?: Readonly<Record<string, Attribute>>,
    name?: string,
  ): Readonly<Record<string, string>>;
  finish(ends: {
    readonly outputs: readonly string[];
    readonly states?: Readonly<Record<string, string>>;
  }): Graph;
}

/** Begins a graph. */
export function graphBuilder(symbols: Graph['symbols']): GraphBuilder {
  const values: Record<string, ValueType> = {};
  const inputs: string[] = [];
  const scalars: string[] = [];
  const contents: Record<string, Contents> = {};
  const equalities: Equality[] = [];
  const extents = extentScope(symbols);
  const normal = (size: Extent): Extent => extents.extentOf(extents.polynomialOf(size));
  const weights: Record<string, WeightExpression> = {};
  const constants: Record<string, Float32Array | Uint32Array> = {};
  const states: Record<string, string> = {};
  const caches: Record<string, CacheState> = {};
  const nodes: Node[] = [];

  const define = (name: string, type: ValueType): string => {
    if (name in values)
      throw new TilewrightError('bad-graph', {
        subject: name,
        problem: 'the name is used twice',
        requirement: 'every value of a graph has a name of its own',
        fix: 'rename one of them',
      });
    values[name] = { ...type, shape: type.shape.map(normal) };
    return name;
  };
  const known = new Set<string>();
  return {
    input(name, dtype, shape) {
      inputs.push(name);
      return define(name, { dtype, shape });
    },
    scalar(name, type) {
      if (Object.hasOwn(symbols, name))
        throw new TilewrightError('bad-graph', {
          subject: name,
          problem: 'a number of a step and a symbol have this name',
          requirement: 'a step gives both by their names',
          fix: 'rename one of them',
        });
      scalars.push(name);
      known.add(name);
      return define(name, { dtype: type, shape: [] });
    },
    integers(name, shape, elements) {
      if (!knownValue(shape, elements))
        throw new TilewrightError('bad-graph', {
          subject: name,
          problem: `there are ${elements.length} elements of ${printShape(shape)}`,
          requirement: `known integers are as many as their shape says, and at most ${mostContents}`,
          fix: 'give others as a constant',
        });
      // Infinity is an element, too: to the end.
      contents[name] = elements.map((each) => (typeof each === 'number' ? each : normal(each)));
      return define(name, { dtype: 'i32', shape });
    },
    weight(name, shape, expression = stored(name)) {
      weights[name] = expression;
      return define(name, { dtype: 'f32', shape });
    },
    constant(name, shape, data) {
      constants[name] = data;
      const elements = data instanceof Uint32Array ? contentsOf(data) : undefined;
      if (knownValue(shape, elements)) contents[name] = elements!;
      return define(name, {
        dtype: data instanceof Uint32Array ? 'u32' : 'f32',
        shape,
      });
    },
    state(name, dtype, shape) {
      states[name] = name;
      return define(name, { dtype, shape });
    },
    cache(name, dtype, shape, cache) {
      caches[name] = cache;
      return this.state(name, dtype, shape);
    },
    node(operator, sources, attributes = {}, name = `${operator.name.toLowerCase()}.${nodes.length}`) {
      const inputs = Object.fromEntries(
        Object.entries(sources).filter((entry): entry is [string, string] => !!entry[1]),
      );
      const inferred = inferNode(name, operator, inputs, attributes, {
        values,
        contents,
        scalars: known,
        extents,
      });
      const outputs: Record<string, string> = {};
      for (const [role, type] of Object.entries(inferred.types)) {
        outputs[role] = define(`${name}.${role}`, type);
        const elements = inferred.contents[role];
        if (elements && knownValue(type.shape, elements)) contents[outputs[role]] = elements;
      }
      equalities.push(...inferred.equalities);
      const isFolded = Object.values(outputs).every((value) => contents[value]);
      if (!isFolded) nodes.push({ name, operator, inputs, outputs, attributes });
      return outputs;
    },
    finish({ outputs, states: finals = {} }) {
      const ends: Record<string, StateType> = {};
      for (const name of Object.keys(states)) {
        const cache = caches[name];
        ends[name] = { initial: name, final: finals[name] ?? name, ...(cache && { cache }) };
      }
      return checkGraph({
        symbols,
        values,
        inputs,
        scalars,
        contents,
        equalities,
        weights,
        constants,
        states: ends,
        nodes,
        outputs,
      });
    },
  };
}
