// What others call: says what it was given in place of a text and its limits. Those in here hand over what they have checked.
import { checkOptions, nonNegativeInteger, type OptionKind } from '@tilewright/kernels';
import { type Json, type JsonLimits, parseJson as parse } from './json/parse-json.ts';

const aText: OptionKind = { what: 'a text', accepts: (value) => typeof value === 'string' };

/** {@inheritDoc parse} Throws `bad-argument` for what is no text, and for limits that are not. */
export function parseJson(text: string, limits: JsonLimits): Json {
  checkOptions('parseJson', { text }, { text: aText });
  checkOptions('parseJson', limits, {
    subject: aText,
    part: aText,
    maxDepth: nonNegativeInteger,
  } satisfies Record<keyof JsonLimits, OptionKind>);
  return parse(text, limits);
}
