import {
  checkOptions,
  having,
  listOf,
  nearestName,
  type OptionKind,
  TilewrightError,
} from '@tilewright/kernels';
import type { Operator } from '../ir.ts';

/** The operator of a domain and a name among those handed over. Throws `bad-graph` where there is none, with the nearest. */
export function findOperator(operators: readonly Operator[], domain: string, name: string): Operator {
  const text: OptionKind = { what: 'a text', accepts: (value) => typeof value === 'string' };
  checkOptions(
    'findOperator',
    { operators, domain, name },
    { operators: listOf(having('an operator', 'domain', 'infer')), domain: text, name: text },
  );
  const found = operators.find((operator) => operator.domain === domain && operator.name === name);
  if (found) return found;
  const names = operators.filter((operator) => operator.domain === domain).map((operator) => operator.name);
  const nearest = nearestName(name, names);
  throw new TilewrightError('bad-graph', {
    subject: name,
    problem: `there is no operator of this name in ${
      domain === '' ? 'the domain of ONNX' : `the domain '${domain}'`
    }`,
    requirement: `the operators handed over are ${names.join(', ') || 'none'}`,
    fix:
      nearest === undefined
        ? 'hand its operator over too'
        : `write '${nearest}', or hand its operator over too`,
  });
}
