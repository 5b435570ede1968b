import type { Operator } from '../ir.ts';

/** An operator with the roles, attributes and types of another. Call sites carry a pure annotation. */
export const derivedOperator = (
  operator: Operator,
  { domain, name, ...changes }: Pick<Operator, 'domain' | 'name'> & Partial<Pick<Operator, 'expand'>>,
): Operator =>
  Object.freeze<Operator>({
    ...operator,
    ...changes,
    domain,
    name,
    id: domain === '' ? name : `${domain}.${name}`,
  });
