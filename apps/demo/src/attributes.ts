// What the tag says must mean something: a value that the form cannot show is refused, not replaced by a default.
import { TilewrightError } from '@tilewright/kernels';
import { type Variant, variantNamed } from '@tilewright/models/variants';
import type { Settings } from './view.ts';

const refuse = (problem: string, requirement: string, fix: string): never => {
  throw new TilewrightError('bad-argument', { subject: 'tilewright-model', problem, requirement, fix });
};

/** The settings of a press, and how many tokens the tag allows. Throws `bad-argument` for values that mean nothing. */
export function checkSettings(
  settings: Settings,
  attribute: (name: string) => string | null,
): Omit<Settings, 'variant'> & { readonly variant: Variant; readonly maxTokens: number | undefined } {
  const { variant, temperature, seed } = settings;
  for (const [name, value] of Object.entries({ temperature, seed }))
    if (!Number.isFinite(value))
      refuse(`${name} is '${attribute(name) ?? ''}'`, 'it is a number', `give a number as ${name}`);
  const most = attribute('max-tokens');
  if (most !== null && !/^[1-9]\d*$/.test(most))
    refuse(
      `max-tokens is '${most}'`,
      'it is a number of tokens, from 1',
      'give such a number, or leave it out',
    );
  const maxTokens = most === null ? undefined : Number(most);
  // A menu without such an entry shows none.
  const asked = variant || (attribute('variant') ?? '');
  return { ...settings, variant: variantNamed(asked, 'tilewright-model'), maxTokens };
}
