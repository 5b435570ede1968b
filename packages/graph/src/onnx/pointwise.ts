// Operators that compute each element by itself, after broadcasting: one formula each, all lowered to `elementwise`.
import { type Expression, expressionOperands, type Extent, times } from '@tilewright/kernels';
import { elementwiseFilling, type StridedOperand } from '@tilewright/kernels/elementwise';
import type { Attribute, Dimension, Node } from '../ir.ts';
import { dtypesOf, type Lower, type LoweringContext } from '../lowering/lowering.ts';
import { badNode, type Operator } from '../operators/operator.ts';
import { attributesOf, type Defaults, oneOf } from './attributes.ts';
import { broadcast, countOf, elementType, floats, numbersOf } from './shape.ts';

interface Formula {
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Defaults;
  /** Values that attributes with a choice may have. */
  readonly choices?: Readonly<Record<string, readonly (number | string)[]>>;
  readonly expression: (attributes: Readonly<Record<string, Attribute>>) => Expression;
  /** The shapes of the inputs must be equal. */
  readonly sameShape?: boolean;
}

const unary = (
  operation: 'exp' | 'log' | 'sqrt' | 'abs' | 'neg' | 'relu' | 'sigmoid' | 'tanh' | 'erf',
): Formula => ({
  inputs: ['X'],
  output: 'Y',
  expression: () => [operation, 'X'],
});
const binary = (operation: 'add' | 'sub' | 'mul' | 'div'): Formula => ({
  inputs: ['A', 'B'],
  output: 'C',
  expression: () => [operation, 'A', 'B'],
});
const swish = (alpha: Attribute | undefined, x: string): Expression => [
  'mul',
  x,
  ['sigmoid', alpha === 1 ? x : ['mul', Number(alpha), x]],
];

const formulas: Readonly<Record<string, Formula>> = {
  Abs: unary('abs'),
  Add: binary('add'),
  Div: binary('div'),
  Erf: unary('erf'),
  Exp: unary('exp'),
  Gelu: {
    inputs: ['X'],
    output: 'Y',
    attributes: { approximate: 'none' },
    choices: { approximate: ['none', 'tanh'] },
    expression: ({ approximate }) => [approximate === 'tanh' ? 'gelu-tanh' : 'gelu', 'X'],
  },
  Log: unary('log'),
  Mul: binary('mul'),
  Neg: unary('neg'),
  Relu: unary('relu'),
  Sigmoid: unary('sigmoid'),
  Softplus: { inputs: ['X'], output: 'Y', expression: () => ['softplus', 'X'] },
  Sqrt: unary('sqrt'),
  Sub: binary('sub'),
  SwiGLU: {
    inputs: ['A', 'B'],
    output: 'Y',
    attributes: { alpha: 1 },
    expression: ({ alpha }) => ['mul', swish(alpha, 'A'), 'B'],
    sameShape: true,
  },
  Swish: {
    inputs: ['X'],
    output: 'Y',
    attributes: { alpha: 1 },
    expression: ({ alpha }) => swish(alpha, 'X'),
  },
  Tanh: unary('tanh'),
};

const operatorOf = (name: string, formula: Formula): Operator => ({
  name,
  summary: `${formula.output} by the formula, element by element${formula.sameShape ? '' : ', broadcast'}`,
  inputs: formula.inputs,
  infer: (context) => {
    const { subject, inputs } = context;
    const given = attributesOf(context, formula.attributes ?? {}) as Readonly<
      Record<string, number | string>
    >;
    for (const [attribute, allowed] of Object.entries(formula.choices ?? {}))
      oneOf(subject, attribute, given[attribute]!, allowed);
    const first = inputs[formula.inputs[0]!]!;
    for (const role of formula.inputs) {
      elementType(subject, role, inputs[role]!, role === formula.inputs[0] ? floats : [first.dtype]);
      if (formula.sameShape && inputs[role]!.shape.join() !== first.shape.join())
        throw badNode(
          subject,
          `'${role}' has shape [${inputs[role]!.shape.join(', ')}]`,
          `it must be [${first.shape.join(', ')}], as of '${formula.inputs[0]}'`,
        );
    }
    const shapes = Object.fromEntries(formula.inputs.map((role) => [role, inputs[role]!.shape]));
    return { [formula.output]: { dtype: first.dtype, shape: broadcast(subject, shapes) } };
  },
});

export const pointwiseOperators: readonly Operator[] = Object.entries(formulas).map(([name, formula]) =>
  operatorOf(name, formula),
);

export const lowerPointwise: Lower = (node, context) => {
  const { attributes = {}, expression, inputs, output } = formulas[node.op]!;
  const { shape } = context.graph.values[node.outputs[output]!]!;
  const operands: Record<string, Operand> = {};
  for (const role of inputs) {
    const own = context.graph.values[node.inputs[role]!]!.shape;
    operands[role] = own.join() === shape.join() ? 'full' : spread(node, role, own, shape);
  }
  return elementwiseRequest(node, context, {
    expression: expression(attributesOf({ subject: node.name, attributes: node.attributes }, attributes)),
    operands,
    output,
  });
};

type Operand = 'full' | StridedOperand;

/** A formula over operands that are full or lie by strides, as a request. */
export function elementwiseRequest(
  node: Node,
  context: LoweringContext,
  {
    expression,
    operands,
    output,
  }: {
    readonly expression: Expression;
    readonly operands: Readonly<Record<string, Operand>>;
    readonly output: string;
  },
): ReturnType<Lower> {
  const { graph } = context;
  const y = node.outputs[output]!;
  const { shape } = graph.values[y]!;
  // Without operands that are spread, rows mean nothing, and whole vectors fit a single long one best.
  const flat =
    Object.values(operands).every((operand) => operand === 'full') && shape.every(Number.isInteger);
  const columns = flat
    ? Number(countOf(shape))
    : Number(numbersOf(node.name, output, shape.slice(-1))[0] ?? 1);
  const rows: Extent = flat ? 1 : countOf(shape.slice(0, -1));
  const bindings: Record<string, string> = { y };
  for (const name of expressionOperands(expression)) bindings[`compute.${name}`] = node.inputs[name]!;
  return {
    kernels: ['elementwise'],
    problem: {
      axes: { rows: plannedCount(shape.slice(0, -1), context, flat), columns },
      dtypes: dtypesOf(graph, bindings),
      slots: { compute: elementwiseFilling({ expression, operands, columns }) },
    },
    bindings,
    sizes: { rows },
    flops: times(rows, columns),
  };
}

const plannedCount = (shape: readonly Dimension[], context: LoweringContext, flat: boolean): number =>
  flat ? 1 : shape.reduce<number>((product, each) => product * context.planned(each), 1);

/** An operand of shape `own` broadcast to `shape`: its strides, 0 along the axes it does not have. */
function spread(
  node: Node,
  role: string,
  own: readonly Dimension[],
  shape: readonly Dimension[],
): StridedOperand {
  const missing = shape.length - own.length;
  let stride = 1;
  const strides = shape.map(() => 0);
  for (let axis = shape.length - 1; axis >= missing; axis--) {
    const size = own[axis - missing]!;
    if (size === 1) continue;
    strides[axis] = stride;
    if (axis > missing) stride *= numbersOf(node.name, role, [size])[0]!;
  }
  return stridedOperand(node, own, shape, strides);
}

/** An operand with a stride for each axis of `shape`. */
export function stridedOperand(
  node: Node,
  own: readonly Dimension[],
  shape: readonly Dimension[],
  strides: readonly number[],
): StridedOperand {
  return {
    shape: own.map((size) => (typeof size === 'number' ? size : 'rows')),
    sizes: numbersOf(node.name, 'the result', shape.slice(1, -1)),
    strides: strides.length > 1 ? strides : [0, ...strides, ...(strides.length === 0 ? [0] : [])],
  };
}
