// What those call who write architectures: each function says what it was given in place of what it takes. The house's own import
// what they need from where it is.
import {
  aKindOf,
  callback,
  checkOptions,
  demandObject,
  having,
  listOf,
  type OptionKind,
  TilewrightError,
} from '@tilewright/kernels';
import * as architecture from './architectures/architecture.ts';
import * as claims from './architectures/claims.ts';
import * as fields from './architectures/config-fields.ts';
import * as names from './architectures/stored-names.ts';
import * as generate from './tasks/generate.ts';
import * as scores from './tasks/scoring.ts';

const aText: OptionKind = { what: 'a text', accepts: (value) => typeof value === 'string' };
const claim = having('what an architecture claims, as claimOf makes it', 'id', 'names', 'claims');

/** {@inheritDoc architecture.defineArchitecture} */
export const defineArchitecture: typeof architecture.defineArchitecture = (claimed, rest) => {
  const subject = 'defineArchitecture';
  checkOptions(subject, { claim: claimed }, { claim });
  demandObject(subject, 'the rest', rest);
  checkOptions(subject, rest, {
    read: callback,
    stored: { what: 'names by kind of source', accepts: (value) => aKindOf(value) === 'an object' },
  });
  return architecture.defineArchitecture(claimed, rest);
};

/** {@inheritDoc architecture.deferArchitecture} */
export const deferArchitecture: typeof architecture.deferArchitecture = (claimed, load) => {
  checkOptions('deferArchitecture', { claim: claimed, load }, { claim, load: callback });
  return architecture.deferArchitecture(claimed, load);
};

/** {@inheritDoc claims.claimOf} */
export const claimOf: typeof claims.claimOf = (id, named) => {
  checkOptions('claimOf', { id, names: named }, { id: aText, names: listOf(aText) });
  return claims.claimOf(id, named);
};

/** {@inheritDoc fields.configFields} */
export const configFields: typeof fields.configFields = (config, subject, ...rest) => {
  checkOptions(
    'configFields',
    { config, subject },
    {
      config: {
        what: 'a Map, as parseJson gives it for a config',
        accepts: (value) => value instanceof Map,
      },
      subject: aText,
    },
  );
  return fields.configFields(config, subject, ...rest);
};

/** {@inheritDoc fields.unreadWarnings} */
export const unreadWarnings: typeof fields.unreadWarnings = (of) => {
  checkOptions(
    'unreadWarnings',
    { fields: of },
    { fields: having('what configFields gives', 'unread', 'text') },
  );
  return fields.unreadWarnings(of);
};

/** {@inheritDoc names.asStored} */
export const asStored: typeof names.asStored = (tensor) => {
  checkOptions('asStored', { tensor }, { tensor: aText });
  return names.asStored(tensor);
};

/** {@inheritDoc names.namesBehind} */
export const namesBehind: typeof names.namesBehind = (base) => {
  checkOptions('namesBehind', { base }, { base: aText });
  return names.namesBehind(base);
};

/** {@inheritDoc scores.scoring} */
export const scoring: typeof scores.scoring = (graph, score) => {
  checkOptions(
    'scoring',
    { graph, score },
    {
      graph: having('a graph, as a builder finishes it', 'nodes', 'values'),
      score: having('the names that scoring reads and writes', 'logits', 'targets', 'argmax', 'loss'),
    },
  );
  if (!(score.logits in graph.values))
    throw new TilewrightError('bad-argument', {
      subject: 'scoring',
      problem: `logits is '${score.logits}'`,
      requirement: 'it must be a value of the graph',
      fix: 'give the names that the tasks of this model have',
    });
  return scores.scoring(graph, score);
};

/** {@inheritDoc generate.wantedBy} */
export const wantedBy: typeof generate.wantedBy = (executable, inputs) => {
  checkOptions(
    'wantedBy',
    { executable },
    { executable: having('an executable of a session', 'compiled', 'run') },
  );
  demandObject('wantedBy', 'inputs', inputs);
  return generate.wantedBy(executable, inputs);
};
