// The sizes of one graph: symbols and their ranges, and the normal forms made so far. What is done with sizes are functions, so
// that a bundle has those that its operators use.
import { type Extent, TilewrightError } from '@tilewright/kernels';
import { atomic, constant, numberOf, type Polynomial, scale } from './polynomial.ts';
import { printExtent } from './print.ts';
import { treeOf } from './tree.ts';

/** What is known of a symbol in every run. */
export interface SymbolRange {
  /** Default 0. */
  readonly min?: number;
  readonly max: number;
  /** Every size it has is a multiple of this; default 1. */
  readonly multipleOf?: number;
}

export type SymbolRanges = Readonly<Record<string, SymbolRange>>;

/** Where the sizes of a graph are kept: equal ones are one object, and two scopes of equal symbols have equal trees. */
export interface ExtentScope {
  readonly symbols: SymbolRanges;
  /** What a size is; throws `bad-graph` for a symbol that the graph has not, and for trees that are not normal forms. */
  polynomialOf(e: Extent): Polynomial;
  /** The normal form of a size. */
  extentOf(p: Polynomial): Extent;
  /** What a tree was found to be before. */
  readonly known: WeakMap<object, Polynomial>;
}

/** The scope of a graph with these symbols, one for each record. Throws `bad-graph` for ranges that no size fits. */
export function extentScope(symbols: SymbolRanges): ExtentScope {
  let scope = scopes.get(symbols);
  if (!scope) {
    scope = createScope(symbols);
    scopes.set(symbols, scope);
  }
  return scope;
}

const scopes = /* @__PURE__ */ new WeakMap<SymbolRanges, ExtentScope>();

function createScope(symbols: SymbolRanges): ExtentScope {
  const ofSymbol = new Map(Object.entries(symbols).map(([name, range]) => [name, symbolOf(name, range)]));
  const trees = new Map<string, Extent>();
  const known = new WeakMap<object, Polynomial>();
  return Object.freeze({
    symbols,
    known,
    extentOf(p: Polynomial) {
      const number = numberOf(p);
      if (number !== undefined) return number;
      let tree = trees.get(p.key);
      if (tree === undefined) {
        tree = treeOf(p);
        trees.set(p.key, tree);
        if (typeof tree === 'object') known.set(tree, p);
      }
      return tree;
    },
    polynomialOf(e: Extent) {
      if (typeof e === 'number') return constant(e);
      const p = typeof e === 'string' ? ofSymbol.get(e) : known.get(e);
      if (p) return p;
      throw typeof e === 'string' ? unknownSymbol(e, symbols) : notNormal(e);
    },
  });
}

function symbolOf(name: string, { min = 0, max, multipleOf = 1 }: SymbolRange): Polynomial {
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(multipleOf) || multipleOf < 1)
    throw badRange(
      name,
      `min ${min} and multipleOf ${multipleOf}`,
      'both are integers, the latter at least 1',
    );
  const first = Math.ceil(min / multipleOf);
  const last = Math.floor(max / multipleOf);
  if (!(first <= last))
    throw badRange(
      name,
      `no size from ${min} to ${max} that is a multiple of ${multipleOf}`,
      'there must be one',
    );
  if (first === last) return constant(first * multipleOf);
  const unit = atomic({
    kind: 'symbol',
    name,
    unit: multipleOf,
    key: `${JSON.stringify(name)}${multipleOf === 1 ? '' : `/${multipleOf}`}`,
    size: 1,
    min: first,
    max: last,
  });
  return scale(unit, multipleOf);
}

const unknownSymbol = (name: string, symbols: SymbolRanges): TilewrightError =>
  new TilewrightError('bad-graph', {
    subject: name,
    problem: 'the graph has no symbol of this name',
    requirement: `its symbols are ${Object.keys(symbols).join(', ') || 'none'}`,
    fix: 'declare it where the graph begins, with the largest size it may have',
  });

const notNormal = (e: Extent): TilewrightError =>
  new TilewrightError('bad-graph', {
    subject: 'extent',
    problem: `the size ${printExtent(e)} is not in the normal form of this graph`,
    requirement: 'sizes are compared by their normal forms',
    fix: 'make it with extentAlgebra of the symbols of the graph',
  });

const badRange = (name: string, problem: string, requirement: string): TilewrightError =>
  new TilewrightError('bad-graph', {
    subject: name,
    problem: `the symbol has ${problem}`,
    requirement,
    fix: 'give the symbol a range with a size in it',
  });
