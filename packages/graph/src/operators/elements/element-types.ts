// Types of elements that are not floats alone: integers are i32 or u32 (64 bits are held in 32), booleans u32, 0 or 1.
import { TilewrightError } from '@tilewright/kernels';
import type { ElementType, InferContext, LoweringContext, Node } from '../../ir.ts';
import { elementType, floats } from '../shapes.ts';

export const integers: readonly ElementType[] = ['i32', 'u32'];
export const numbers: readonly ElementType[] = [...floats, ...integers];

/**
 * The type that some inputs have in common. Integers that are known are of whichever type the others are. Throws `bad-dtype`
 * where there is none, or none of `allowed`.
 */
export function commonType(
  { subject, inputs, contents }: Pick<InferContext<unknown>, 'subject' | 'inputs' | 'contents'>,
  roles: readonly string[],
  allowed: readonly ElementType[] = numbers,
): ElementType {
  for (const role of roles) elementType(subject, role, inputs[role]!, allowed);
  const [first = roles[0]!, ...others] = roles.filter((role) => !contents[role]);
  const { dtype } = inputs[first]!;
  for (const role of others) elementType(subject, role, inputs[role]!, [dtype]);
  const known = roles.filter((role) => contents[role] && inputs[role]!.dtype !== dtype);
  for (const role of known) {
    const negative = contents[role]!.find((element) => typeof element === 'number' && element < 0);
    if (!integers.includes(dtype) || (dtype === 'u32' && negative !== undefined))
      throw new TilewrightError('bad-dtype', {
        subject,
        problem: `'${role}' holds the integer ${negative ?? String(contents[role]![0])}`,
        requirement: `it must be ${dtype}, as '${first}' is`,
        fix: 'cast one of them',
      });
  }
  return dtype;
}

/** The same of a node that is lowered. */
export const commonTypeOf = (
  { name, inputs }: Pick<Node, 'name' | 'inputs'>,
  roles: readonly string[],
  { values, contents }: Pick<LoweringContext, 'values' | 'contents'>,
): ElementType =>
  commonType(
    {
      subject: name,
      inputs: Object.fromEntries(roles.map((role) => [role, values[inputs[role]!]!])),
      contents: Object.fromEntries(
        roles.flatMap((role) => {
          const elements = contents[inputs[role]!];
          return elements ? [[role, elements]] : [];
        }),
      ),
    },
    roles,
  );
