import { TilewrightError, nearestName, type UniformType } from '@tilewright/kernels';
import { type Contents, type ExtentScope, knownValue } from './extent/index.ts';
import { unfold } from './graph-index.ts';
import type { Attribute, Equality, InferContext, InputRole, Node, Operator, ValueType } from './ir.ts';
import { completeAttributes } from './operators/attributes.ts';

/** What is known where a node is put: values before it, and how their sizes are reckoned with. */
export interface NodeScope {
  readonly values: Readonly<Record<string, ValueType>>;
  readonly contents: Readonly<Record<string, Contents>>;
  readonly scalars: ReadonlySet<string>;
  readonly extents: ExtentScope;
}

/** What a node makes. */
export interface InferredNode {
  /** By role of its outputs. */
  readonly types: Readonly<Record<string, ValueType>>;
  /** Of outputs whose elements are known, by role. */
  readonly contents: Readonly<Record<string, Contents>>;
  /** Sizes that must turn out equal in a run. */
  readonly equalities: readonly Equality[];
}

/**
 * The types and contents of a node's outputs. Throws `bad-graph` for missing inputs, roles and attributes that the operator
 * does not have, and shapes that do not fit; `bad-dtype` for element types that it does not take.
 */
export function inferNode(
  name: string,
  operator: Operator,
  inputs: Readonly<Record<string, string>>,
  attributes: Readonly<Record<string, Attribute>>,
  scope: NodeScope,
): InferredNode {
  const { values, extents } = scope;
  const roles = operator.inputs;
  const takes = `it takes ${roles.map(printedRole).join(', ')}`;
  for (const { name: role, kind } of roles)
    if (kind === 'required' && !inputs[role])
      throw new TilewrightError('bad-graph', {
        subject: name,
        problem: `${operator.name} has no input '${role}'`,
        requirement: takes,
      });
  const named = roles.filter(({ kind }) => kind !== 'variadic').map((role) => role.name);
  const isVariadic = named.length < roles.length;
  const types: Record<string, ValueType> = {};
  const known: Record<string, Contents> = {};
  for (const [role, value] of Object.entries(inputs)) {
    if (!isVariadic && !named.includes(role)) throw unknownRole(name, operator.name, role, named, takes);
    const type = values[value];
    if (!type)
      throw new TilewrightError('bad-graph', {
        subject: name,
        problem: `the value '${value}' does not exist`,
        requirement: 'a node reads values that stand before it',
      });
    const { scalar } = roles.find((each) => each.name === role) ?? roles.at(-1)!;
    checkScalar(name, role, value, type, scalar, scope.scalars.has(value));
    types[role] = type;
    if (scope.contents[value]) known[role] = scope.contents[value];
  }
  const equalities: Equality[] = [];
  const context: InferContext = {
    subject: name,
    inputs: types,
    contents: known,
    attributes: completeAttributes(name, operator, attributes),
    extents,
    mustEqual: (a, b) => void equalities.push({ subject: name, sizes: [a, b] }),
  };
  const inferred = operator.infer(context);
  const folded = Object.entries(operator.fold?.(context) ?? {}).filter(
    (entry): entry is [string, Contents] => entry[1] !== undefined,
  );
  return { types: inferred, contents: Object.fromEntries(folded), equalities };
}

/** Numbers of a step go where a number is read, tensors where a tensor is. */
function checkScalar(
  subject: string,
  role: string,
  value: string,
  { dtype }: ValueType,
  wanted: UniformType | undefined,
  isScalar: boolean,
): void {
  if (isScalar ? wanted === dtype : wanted === undefined) return;
  throw new TilewrightError('bad-graph', {
    subject,
    problem: `'${role}' is ${isScalar ? `the number '${value}' of a step, ${dtype}` : `the tensor '${value}'`}`,
    requirement: wanted === undefined ? 'it must be a tensor' : `it must be a number of a step, ${wanted}`,
    fix:
      wanted === undefined
        ? 'give a value of the graph'
        : `declare it with scalar('${value}', '${wanted}') where the graph begins`,
  });
}

/** A scope that grows with what nodes make. */
export interface GrowingScope extends NodeScope {
  readonly values: Record<string, ValueType>;
  readonly contents: Record<string, Contents>;
}

/**
 * Adds the types and known elements of all that a node makes, inside or out, to a scope; returns what must turn out equal.
 * Throws as {@link inferNode}.
 */
export function inferOutputs(node: Node, scope: GrowingScope): readonly Equality[] {
  const { nodes, columns } = unfold(node);
  const { values, contents } = scope;
  return nodes.flatMap(({ name, operator, inputs, outputs, attributes }) => {
    const inferred = inferNode(name, operator, inputs, attributes, scope);
    for (const [role, value] of Object.entries(outputs)) {
      values[value] = inferred.types[role]!;
      const elements = inferred.contents[role];
      if (elements && knownValue(values[value].shape, elements)) contents[value] = elements;
      for (const { of, argument } of columns) {
        if (of !== value) continue;
        const { dtype, shape } = values[of]!;
        const [from, to] = argument.columns ?? [0, Number(shape.at(-1))];
        values[argument.value] = { dtype, shape: [...shape.slice(0, -1), to - from] };
      }
    }
    return inferred.equalities;
  });
}

function unknownRole(
  subject: string,
  operator: string,
  role: string,
  known: readonly string[],
  takes: string,
): TilewrightError {
  const nearest = nearestName(role, known);
  return new TilewrightError('bad-graph', {
    subject,
    problem: `${operator} has no input role '${role}'`,
    requirement: takes,
    ...(nearest !== undefined && { fix: `write '${nearest}'` }),
  });
}

const printedRole = ({ name, kind }: InputRole): string => (kind === 'required' ? name : `${name} (${kind})`);
