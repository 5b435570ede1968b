// What those call who write operators and rules: each function says what it was given in place of a node, a size or a definition.
import { callback, checkOptions, demandObject, having, listOf, type OptionKind } from '@tilewright/kernels';
import * as unchecked from './unchecked.ts';

const node = having('a node of a graph', 'operator', 'inputs', 'outputs');
const size: OptionKind = {
  what: 'a size: a number, a symbol, or an operator with two of them',
  accepts: (value) =>
    Number.isSafeInteger(value) ||
    typeof value === 'string' ||
    (Array.isArray(value) && value.length === 3 && value.slice(1).every(size.accepts)),
};

/** {@inheritDoc unchecked.contentsOf} */
export const contentsOf: typeof unchecked.contentsOf = (data) => {
  checkOptions('contentsOf', { data }, { data: listLike });
  return unchecked.contentsOf(data);
};
const listLike: OptionKind = {
  what: 'a list of integers',
  accepts: (value) =>
    Array.isArray(value) ||
    (ArrayBuffer.isView(value) && (value as Partial<Uint8Array>).length !== undefined),
};

/** {@inheritDoc unchecked.defineOperator} */
export const defineOperator: typeof unchecked.defineOperator = (definition) => {
  const { domain, name, inputs, infer } = Object(definition) as typeof definition;
  checkOptions(
    'defineOperator',
    { definition },
    {
      definition: having(
        'an object with domain, name, inputs and infer',
        'domain',
        'name',
        'inputs',
        'infer',
      ),
    },
  );
  checkOptions(
    'defineOperator',
    { domain, name, inputs, infer },
    { domain: aText, name: aText, inputs: listOf(having('a role', 'name', 'kind')), infer: callback },
  );
  return unchecked.defineOperator(definition);
};
const aText: OptionKind = { what: 'a text', accepts: (value) => typeof value === 'string' };

/** {@inheritDoc unchecked.extentAlgebra} */
export const extentAlgebra: typeof unchecked.extentAlgebra = (symbols) => {
  demandObject('extentAlgebra', 'symbols', symbols);
  return unchecked.extentAlgebra(symbols);
};

/** {@inheritDoc unchecked.isOf} */
export const isOf: typeof unchecked.isOf = (found, operator): found is NonNullable<typeof found> => {
  checkOptions('isOf', { operator }, { operator: having('an operator', 'id', 'infer') });
  return unchecked.isOf(found, operator);
};

/** {@inheritDoc unchecked.printExtent} */
export const printExtent: typeof unchecked.printExtent = (extent) => {
  checkOptions('printExtent', { extent }, { extent: size });
  return unchecked.printExtent(extent);
};

/** {@inheritDoc unchecked.printShape} */
export const printShape: typeof unchecked.printShape = (shape) => {
  checkOptions('printShape', { shape }, { shape: listOf(size) });
  return unchecked.printShape(shape);
};

/** {@inheritDoc unchecked.readsOf} */
export const readsOf: typeof unchecked.readsOf = (of) => {
  checkOptions('readsOf', { node: of }, { node });
  return unchecked.readsOf(of);
};

/** {@inheritDoc unchecked.storedNames} */
export const storedNames: typeof unchecked.storedNames = (expression) => {
  checkOptions(
    'storedNames',
    { expression },
    { expression: having('how a weight of a graph is made of stored tensors', 'kind') },
  );
  return unchecked.storedNames(expression);
};

/** {@inheritDoc unchecked.unfold} */
export const unfold: typeof unchecked.unfold = (of) => {
  checkOptions('unfold', { node: of }, { node });
  return unchecked.unfold(of);
};

/** {@inheritDoc unchecked.weightProduct} */
export const weightProduct: typeof unchecked.weightProduct = (of, context) => {
  checkOptions(
    'weightProduct',
    { node: of, context },
    { node, context: having('a graph with its index', 'producer', 'weights', 'values') },
  );
  return unchecked.weightProduct(of, context);
};

/** {@inheritDoc unchecked.writesOf} */
export const writesOf: typeof unchecked.writesOf = (of) => {
  checkOptions('writesOf', { node: of }, { node });
  return unchecked.writesOf(of);
};
