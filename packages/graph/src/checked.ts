// What others call: each function says what it was given in place of what it takes, with `bad-argument`, and then does its work. Those
// who have checked that already, as `loadLanguageModel` has, take it from `@tilewright/graph/unchecked`.
import {
  anyValue,
  callback,
  checkedLater,
  checkOptions,
  demandNames,
  demandObject,
  having,
  listOf,
  type OptionKind,
  optional,
  trueOrFalse,
} from '@tilewright/kernels';
import { checkKinds } from './check-kinds.ts';
import type { CompileOptions } from './compile.ts';
import type { WeightFacts } from './simplify.ts';
import * as unchecked from './unchecked.ts';

/** {@inheritDoc unchecked.arrange} */
export const arrange: typeof unchecked.arrange = (graph, weights, rules) => {
  checkKinds('arrange', { graph, weights });
  checkOptions('arrange', { rules }, { rules: optional(listOf(having('a rule', 'name', 'apply'))) });
  return unchecked.arrange(graph, weights, rules);
};

/** {@inheritDoc unchecked.checkGraph} */
export const checkGraph: typeof unchecked.checkGraph = (graph) => {
  checkKinds('checkGraph', { graph });
  return unchecked.checkGraph(graph);
};

/** {@inheritDoc unchecked.compile} */
export const compile: typeof unchecked.compile = (graph, options) => {
  const subject = 'compile';
  checkKinds(subject, { graph });
  checkOptions(subject, options, {
    capabilities: having('the capabilities of a device', 'limits', 'features'),
    formats: optional(having('a Map of formats by name', 'get')),
    sizes: checkedLater,
    fuse: optional(trueOrFalse),
    caches: checkedLater,
    choosePlan: optional(callback),
  } satisfies Record<keyof CompileOptions, OptionKind>);
  checkNames(subject, 'size', options.sizes, Object.keys(graph.symbols));
  checkNames(subject, 'cache', options.caches, Object.keys(graph.states));
  return unchecked.compile(graph, options);
};

/** {@inheritDoc unchecked.explain} */
export const explain: typeof unchecked.explain = (compiled, step) => {
  checkKinds('explain', { compiled });
  checkNames('explain', 'size', step, [...Object.keys(compiled.sizes), ...compiled.graph.scalars]);
  return unchecked.explain(compiled, step);
};

/** {@inheritDoc unchecked.fuse} */
export const fuse: typeof unchecked.fuse = (graph) => {
  checkKinds('fuse', { graph });
  return unchecked.fuse(graph);
};

/** {@inheritDoc unchecked.indexGraph} */
export const indexGraph: typeof unchecked.indexGraph = (graph) => {
  checkKinds('indexGraph', { graph });
  return unchecked.indexGraph(graph);
};

/** {@inheritDoc unchecked.loadSession} */
export const loadSession: typeof unchecked.loadSession = async (device, graphs, weights) => {
  checkKinds('loadSession', { device, graphs, weights });
  return unchecked.loadSession(device, graphs, weights);
};

/** {@inheritDoc unchecked.plannedBytes} */
export const plannedBytes: typeof unchecked.plannedBytes = (graphs) => {
  checkKinds('plannedBytes', { graphs });
  return unchecked.plannedBytes(graphs);
};

/** {@inheritDoc unchecked.prepareWeights} */
export const prepareWeights: typeof unchecked.prepareWeights = (graph, weights) => {
  checkKinds('prepareWeights', { graph, weights });
  return unchecked.prepareWeights(graph, weights);
};

/** {@inheritDoc unchecked.simplify} */
export const simplify: typeof unchecked.simplify = (graph, facts) => {
  checkKinds('simplify', { graph });
  checkOptions('simplify', facts === undefined ? {} : facts, {
    formats: optional(having('a Map of formats by name', 'get')),
    neutral: optional(having('a Set of names', 'has')),
    rules: optional(listOf(having('a rule', 'name', 'apply'))),
  } satisfies Record<keyof WeightFacts, OptionKind>);
  return unchecked.simplify(graph, facts);
};

/** {@inheritDoc unchecked.subgraph} */
export const subgraph: typeof unchecked.subgraph = (graph, from, to) => {
  checkKinds('subgraph', { graph });
  checkOptions('subgraph', { from, to }, { from: listOf(anyValue), to: listOf(anyValue) });
  return unchecked.subgraph(graph, from, to);
};

/** {@inheritDoc unchecked.withOutputs} */
export const withOutputs: typeof unchecked.withOutputs = (graph, outputs) => {
  checkKinds('withOutputs', { graph });
  checkOptions('withOutputs', { outputs }, { outputs: listOf(anyValue) });
  return unchecked.withOutputs(graph, outputs);
};

/** Refuses what is said of symbols and states that a graph does not have. */
function checkNames(subject: string, what: string, given: object = {}, known: readonly string[]): void {
  demandObject(subject, `${what}s`, given);
  demandNames(subject, given, known, (name) => `there is no ${what} '${name}'`, 'the graph has');
}
