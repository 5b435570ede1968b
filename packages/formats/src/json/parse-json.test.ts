import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonObject, parseJson, type Json } from './parse-json.ts';

const limits = { subject: 'config.json', part: 'the file', maxDepth: 32 };

/** Maps back to plain objects, for comparison with JSON.parse. */
function plain(value: Json): unknown {
  if (isJsonObject(value))
    return Object.fromEntries([...value].map(([name, member]) => [name, plain(member)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

describe('parseJson', () => {
  it('agrees with JSON.parse on every JSON text', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.constantFrom(undefined, 2, '\t'), (text, indent) => {
        const spaced = JSON.stringify(JSON.parse(text), null, indent);
        expect(plain(parseJson(spaced, limits))).toEqual(JSON.parse(spaced));
      }),
      { numRuns: 1000 },
    );
  });

  it('accepts and refuses what JSON.parse does, around the edges of the syntax', () => {
    const token = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b"',
      '""',
      '"\\u00e9"',
      '"\\ud800"',
      '"\\x"',
      '"\\',
      '"',
      '0',
      '-0',
      '01',
      '-',
      '1.',
      '1.5e-3',
      '1e400',
      '.5',
      '+1',
      'true',
      'nul',
      'null',
      'NaN',
      ' ',
      '\n',
      '\u00a0',
      "'a'",
      '// x\n',
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 9 }), (tokens) => {
        const text = tokens.join('');
        let want: unknown;
        let valid = true;
        try {
          want = JSON.parse(text);
        } catch {
          valid = false;
        }
        if (!valid) expect(() => parseJson(text, limits)).toThrow('the file is not JSON');
        else if (!/"(a|b|)"[^]*"\1"/.test(text)) expect(plain(parseJson(text, limits))).toEqual(want);
      }),
      { numRuns: 5000 },
    );
  });

  it('keeps names that plain objects would lose', () => {
    const value = parseJson('{"__proto__": {"polluted": true}, "constructor": 1}', limits);
    expect(isJsonObject(value) && [...value.keys()]).toEqual(['__proto__', 'constructor']);
    expect('polluted' in {}).toBe(false);
  });

  it('nests as deep as it is told and no deeper', () => {
    expect(parseJson('[[[]]]', { ...limits, maxDepth: 3 })).toEqual([[[]]]);
    expect(() => parseJson('[[{"a":[1]}]]', { ...limits, maxDepth: 3 })).toThrow(
      '[config.json] the file nests deeper than 3 levels at character 7; the file needs no more than that. ' +
        'Fix: get the file again, it may be damaged or made to do harm.',
    );
  });

  it('refuses numbers longer than any number needs', () => {
    expect(() => parseJson('1'.repeat(10_000_000), limits)).toThrow(
      'a value was expected at character 0, not "111111111111"',
    );
  });

  it('takes strings of any length', () => {
    const long = 'x'.repeat(10_000_000);
    expect(parseJson(`"${long}"`, limits)).toBe(long);
    expect(parseJson(`"\\n${long}"`, limits)).toBe(`\n${long}`);
  });
});
