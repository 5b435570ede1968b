// Functions of recurrent cells by the names that ONNX has for them.
import { type Expression, expressionId } from '@tilewright/kernels';
import { substitute } from '../operands.ts';
import {
  eluFormula,
  hardSigmoidFormula,
  leakyReluFormula,
  softsignFormula,
  thresholdedReluFormula,
} from '../pointwise/activation-formulas.ts';
import { badNode } from '../shapes.ts';

/** A function of `x` and up to two numbers: each a default, `null` where a node must say it, absent where it has none. */
interface CellActivation {
  readonly alpha?: number | null;
  readonly beta?: number | null;
  readonly formula: (alpha: number, beta: number) => Expression;
}

const activations: Readonly<Record<string, CellActivation>> = {
  Affine: {
    alpha: null,
    beta: null,
    formula: (alpha, beta) => ['add', ['mul', alpha, 'x'], beta],
  },
  Elu: { alpha: 1, formula: (alpha) => eluFormula('x', alpha) },
  HardSigmoid: {
    alpha: 0.2,
    beta: 0.5,
    formula: (alpha, beta) => hardSigmoidFormula('x', alpha, beta),
  },
  LeakyRelu: { alpha: 0.01, formula: (alpha) => leakyReluFormula('x', alpha) },
  Relu: { formula: () => ['relu', 'x'] },
  ScaledTanh: {
    alpha: null,
    beta: null,
    formula: (alpha, beta) => ['mul', alpha, ['tanh', ['mul', beta, 'x']]],
  },
  Sigmoid: { formula: () => ['sigmoid', 'x'] },
  Softplus: { formula: () => ['softplus', 'x'] },
  Softsign: { formula: () => softsignFormula('x') },
  Tanh: { formula: () => ['tanh', 'x'] },
  ThresholdedRelu: {
    alpha: 1,
    formula: (alpha) => thresholdedReluFormula('x', alpha),
  },
};

export interface CellActivationAttributes {
  readonly activations: readonly string[] | null;
  readonly activation_alpha: readonly number[] | null;
  readonly activation_beta: readonly number[] | null;
  readonly clip: number | null;
}

/** What a cell applies: its functions by default in one direction, and how many of them bound what they read by `clip`. */
export interface CellFunctions {
  readonly defaults: readonly Expression[];
  readonly clipped: number;
}

/**
 * The functions of a node's cell, those of the second direction behind those of the first. Alphas and betas go to the functions that have
 * one, in order. Throws `bad-graph` for other names and numbers than there may be.
 */
export function cellFormulas(
  subject: string,
  attributes: CellActivationAttributes,
  { defaults, clipped }: CellFunctions,
  directions: number,
): readonly Expression[] {
  const { clip } = attributes;
  const count = defaults.length * directions;
  if (clip !== null && !(clip > 0))
    throw badNode(subject, `the attribute 'clip' is ${clip}`, 'it must be larger than 0');
  const listed = namedFormulas(subject, attributes);
  const formulas = listed ?? Array.from({ length: directions }, () => defaults).flat();
  // Of the two functions that ONNX names by default for a plain network, one direction has one.
  const isDefault =
    directions === 1 &&
    formulas.length === 2 &&
    formulas.every((each) => expressionId(each) === defaultId(defaults));
  if (formulas.length !== count && !isDefault)
    throw badNode(
      subject,
      `the attribute 'activations' lists ${formulas.length}`,
      `there are ${count}: ${defaults.length} in each direction`,
    );
  return formulas
    .slice(0, count)
    .map((formula, i) =>
      clip !== null && i % defaults.length < clipped
        ? substitute(formula, { x: ['clamp', 'x', -clip, clip] })
        : formula,
    );
}

const defaultId = (defaults: readonly Expression[]): string | undefined =>
  defaults.length === 1 ? expressionId(defaults[0]!) : undefined;

/** The functions that a node names, with its numbers. */
function namedFormulas(
  subject: string,
  attributes: CellActivationAttributes,
): readonly Expression[] | undefined {
  const { activations: names } = attributes;
  const left = {
    alpha: [...(attributes.activation_alpha ?? [])],
    beta: [...(attributes.activation_beta ?? [])],
  };
  const formulas = names?.map((name) => {
    const activation = Object.hasOwn(activations, name) ? activations[name] : undefined;
    if (!activation)
      throw badNode(
        subject,
        `the attribute 'activations' lists '${name}'`,
        `cells have ${Object.keys(activations).join(', ')}`,
      );
    const number = (which: 'alpha' | 'beta'): number => {
      const fallback = activation[which];
      if (fallback === undefined) return 0;
      const value = left[which].shift() ?? fallback;
      if (value !== null) return value;
      throw badNode(
        subject,
        `the attribute 'activation_${which}' has no number for ${name}`,
        'this function has no default',
      );
    };
    return activation.formula(number('alpha'), number('beta'));
  });
  for (const [which, numbers] of Object.entries(left))
    if (numbers.length > 0)
      throw badNode(
        subject,
        `the attribute 'activation_${which}' has ${numbers.length} more than its functions read`,
        'each that has one reads one, in order',
      );
  return formulas;
}
