// Two fillings in one slot: what they need together, their tensors as `a_…` and `b_…`.
import type { FillingScope } from '../slots.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { Filling } from '../../contract/filling.ts';

/** Throws `bad-argument` for what is not a filling, and for one that does not define `name` and `name_…` of each suffix. */
export function joined(
  subject: string,
  a: Filling,
  b: Filling,
  suffixes: readonly string[] = [''],
): Pick<Filling, 'requires' | 'bindings' | 'uniforms'> {
  checkFillings(subject, { a, b }, suffixes);
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

/** Refuses fillings that cannot be part of another one. */
export function checkFillings(
  subject: string,
  parts: Readonly<Record<string, Filling>>,
  suffixes: readonly string[] = [''],
): void {
  for (const [name, filling] of Object.entries<Filling | undefined>(parts)) {
    const wgsl: unknown = filling?.wgsl;
    const text = typeof wgsl === 'function' ? filling!.wgsl(name) : undefined;
    const lacks = suffixes.find((suffix) => text?.includes(`fn ${name}${suffix}(`) !== true);
    if (lacks === undefined) continue;
    const what = typeof filling === 'function' ? 'a function' : `${filling as unknown as string}`;
    throw new TilewrightError('bad-argument', {
      subject,
      problem:
        text === undefined
          ? `${name} is ${typeof filling === 'object' && filling ? 'an object without wgsl' : what}`
          : `${name} is '${filling!.id}', which does not define fn ${name}${lacks}(…)`,
      requirement: `it joins fillings of one slot, each of which defines ${suffixes.map((suffix) => `fn ${name}${suffix}`).join(' and ')}`,
      fix:
        typeof filling === 'function'
          ? `call it: ${(filling as { readonly name: string }).name}(…)`
          : 'give a filling of that slot',
    });
  }
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
