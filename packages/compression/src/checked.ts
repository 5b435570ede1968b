// What others call: each function first says what it was given in place of a graph and weights.
import { checkKinds } from '@tilewright/graph';
import * as folding from './fold-gains.ts';
import { missingWeight } from './missing-weight.ts';
import * as sites from './scale-sites.ts';

/** {@inheritDoc folding.foldGains} */
export const foldGains: typeof folding.foldGains = (graph, weights) => {
  checkKinds('foldGains', { graph, weights });
  for (const { gain, weights: behind } of sites.gainSites(graph))
    for (const name of [gain.name, ...behind]) if (!weights.has(name)) throw missingWeight(name);
  return folding.foldGains(graph, weights);
};

/** {@inheritDoc sites.linearInputs} */
export const linearInputs: typeof sites.linearInputs = (graph) => {
  checkKinds('linearInputs', { graph });
  return sites.linearInputs(graph);
};

/** {@inheritDoc sites.scaleSites} */
export const scaleSites: typeof sites.scaleSites = (graph) => {
  checkKinds('scaleSites', { graph });
  return sites.scaleSites(graph);
};
