import { checkOptions, having, TilewrightError } from '@tilewright/kernels';
import type { GraphContext, Node } from '../ir.ts';
import { completeNode } from '../operators/attributes.ts';
import { add } from '../operators/pointwise/add.ts';
import { gemm } from '../operators/products/gemm.ts';
import { matMul } from '../operators/products/mat-mul.ts';
import { weightProduct } from '../operators/products/weight-product.ts';
import { transposeOfWeight } from '../operators/shape/transpose.ts';
import type { Edit, Rule } from '../rewrite.ts';
import { stored } from '../weights/weight-expression.ts';

/** A tensor of the state dict that a weight is made of, in any format that a product reads. */
export interface WeightFactor {
  readonly name: string;
  readonly shape: readonly [rows: number, columns: number];
}

/**
 * A weight `[outputs, inputs]` as a sum of terms, each a product of one or more matrices from the outputs to the inputs: a dense matrix and
 * its sparse outliers are two terms of one factor, `[outputs, rank]` and `[rank, inputs]` one term of two, and a chain one of many.
 */
export type WeightTerms = readonly (readonly WeightFactor[])[];

/**
 * Products with weights that are stored in parts, by their published names: each becomes the sum of products with the parts, factor by
 * factor, and no weight is ever put together. For `arrange`, as one of its rules.
 *
 * @throws `bad-argument` for terms whose shapes do not meet.
 */
export function productsOfParts(parts: ReadonlyMap<string, WeightTerms>): Rule {
  checkOptions('productsOfParts', { parts }, { parts: having('a Map of terms by name', 'get', 'entries') });
  return {
    name: 'products-of-parts',
    apply(node, context) {
      const isGemm = node.operator.id === gemm.id;
      if (!isGemm && node.operator.id !== matMul.id) return undefined;
      const view = context.producer.get(node.inputs.B!);
      const weight = isGemm ? node.inputs.B! : view?.inputs.data;
      const expression = weight === undefined ? undefined : context.weights[weight];
      const terms = expression?.kind === 'stored' ? parts.get(expression.name) : undefined;
      if (terms === undefined) return undefined;
      checkTerms(weight!, context.values[weight!]!.shape as readonly number[], terms);
      const complete = completeNode(node);
      if (isGemm) {
        const isStored = complete.attributes.transB === 1;
        return isStored ? { remove: [node], add: gemm.expand!(complete, context)! } : undefined;
      }
      return weightProduct(node, context) && sumOf(node, terms, context);
    },
  };
}

/** The products of a node's input with all terms, and their sum in the place of its output. */
function sumOf(node: Node, terms: WeightTerms, { weights }: GraphContext): Edit {
  const nodes: Node[] = [];
  const put = (operator: Node['operator'], inputs: Node['inputs'], role: string, part: string): string => {
    const name = `${node.name}.${part}`;
    nodes.push({ name, operator, inputs, outputs: { [role]: name }, attributes: {} });
    return name;
  };
  const products = terms.map((factors) =>
    factors.reduceRight((input, { name }) => {
      const rows = put(transposeOfWeight, { data: name }, 'transposed', `${name}.transposed`);
      return put(matMul, { A: input, B: rows }, 'Y', `${name}.product`);
    }, node.inputs.A!),
  );
  products.reduce((sum, product, i) => put(add, { A: sum, B: product }, 'C', `sum ${i}`));
  const last = nodes.at(-1)!;
  const [role] = Object.keys(last.outputs);
  return {
    remove: [node],
    add: nodes.with(-1, { ...last, outputs: { [role!]: node.outputs.Y! } }),
    weights: Object.fromEntries(
      terms
        .flat()
        .flatMap(({ name, shape }) => (name in weights ? [] : [[name, { expression: stored(name), shape }]])),
    ),
  };
}

function checkTerms(weight: string, [outputs, inputs]: readonly number[], terms: WeightTerms): void {
  const meets = (factors: readonly WeightFactor[]): boolean =>
    factors[0]?.shape[0] === outputs &&
    factors.at(-1)!.shape[1] === inputs &&
    factors.every(({ shape }, i) => i === 0 || factors[i - 1]!.shape[1] === shape[0]);
  if (terms.length > 0 && terms.every(meets)) return;
  const shapes = terms.map((factors) => factors.map(({ shape }) => `[${shape.join(', ')}]`).join(' · '));
  throw new TilewrightError('bad-argument', {
    subject: 'productsOfParts',
    problem: `the parts of '${weight}' are ${shapes.join(' + ') || 'none'}`,
    requirement: `each term is a product of matrices that gives [${outputs}, ${inputs}]`,
    fix: 'give the shapes of the tensors that are stored, the outputs first',
  });
}
