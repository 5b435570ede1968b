// Two fillings in one slot: what they need together, their tensors as `a_…` and `b_…`.
import type { FillingScope } from '../slots.ts';
import type { Filling } from '../../contract/filling.ts';

export function joined(a: Filling, b: Filling): Pick<Filling, 'requires' | 'bindings' | 'uniforms'> {
  const prefixed = <Value>(
    pick: (part: Filling) => Readonly<Record<string, Value>> | undefined,
  ): Record<string, Value> =>
    Object.fromEntries(
      Object.entries({ a, b }).flatMap(([letter, part]) =>
        Object.entries(pick(part) ?? {}).map(([name, value]) => [`${letter}_${name}`, value]),
      ),
    );
  return {
    requires: [...(a.requires ?? []), ...(b.requires ?? [])],
    bindings: prefixed((part) => part.bindings),
    uniforms: prefixed((part) => part.uniforms),
  };
}

/** What the reference of one of them may read. */
export const within = (scope: FillingScope, letter: 'a' | 'b'): FillingScope => ({
  ...scope,
  tensor: (binding) => scope.tensor(`${letter}_${binding}`),
  uniforms: Object.fromEntries(
    Object.entries(scope.uniforms).flatMap(([name, value]) =>
      name.startsWith(`${letter}_`) ? [[name.slice(2), value]] : [],
    ),
  ),
});
