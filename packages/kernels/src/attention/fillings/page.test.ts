// The page on attention: links lead somewhere, nothing is missing, tests name what they are said to test, the example is true.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { expect, test, vi } from 'vitest';
import * as cacheFillings from '../../cache/fillings/index.ts';
import * as attentionFillings from './index.ts';

const fillings = { ...attentionFillings, ...cacheFillings };

const root = fileURLToPath(new URL('../../../../..', import.meta.url));
const page = readFileSync(join(root, 'docs/attention.md'), 'utf8');
const linksOf = (text: string): string[] => [...text.matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1]!);
const codeOf = (text: string): string[] => [...text.matchAll(/`([^`\n]+)`/g)].map((match) => match[1]!);
const pathOf = (link: string): string => join(root, 'docs', link);

/** Cells of the rows of the tables with tests. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && line.split(' | ').length === 3)
  .map((line) => line.split(' | '))
  .filter(([mechanism, , tests]) => mechanism !== '| mechanism' && tests !== '--- |');

test('every link leads to a file', () => {
  const links = linksOf(page);
  expect(links.length).toBeGreaterThan(60);
  expect(links.filter((link) => !existsSync(pathOf(link)))).toEqual([]);
});

test('every filling and every function that makes a table is in a row', () => {
  const named = new Set(rows.flatMap(([, how]) => codeOf(how!)));
  expect(Object.keys(fillings).filter((name) => !named.has(name))).toEqual([]);
});

test('every row has a test, and its tests name its fillings', () => {
  expect(rows.length).toBeGreaterThan(35);
  const problems = rows.flatMap(([mechanism, how, tests]) => {
    const paths = linksOf(tests!).filter((link) => /(\.test|\/check)\.ts$/.test(link));
    const text = paths.map((link) => readFileSync(pathOf(link), 'utf8')).join('\n');
    const missing = codeOf(how!).filter((name) => name in fillings && !text.includes(name));
    return [
      ...(paths.length === 0 ? [`${mechanism}: no test`] : []),
      ...missing.map((name) => `${mechanism}: ${paths.join(', ')} do not name ${name}`),
      // A check is run by the test beside it.
      ...paths.filter(
        (link) => link.endsWith('check.ts') && !existsSync(join(dirname(pathOf(link)), 'index.ts')),
      ),
    ];
  });
  expect(problems).toEqual([]);
});

test('the example is the file that runs', () => {
  expect(page).toContain(
    `\`\`\`js\n${readFileSync(join(root, 'docs/examples/attention-filling.mjs'), 'utf8')}\`\`\``,
  );
});

test.skipIf(testProfile.compileOnly)('the example gives what it says', async () => {
  // Opens the adapter under test the way the example does.
  (await openTestDevice()).dispose();
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import(join(root, 'docs/examples/attention-filling.mjs'));
  const [[y]] = log.mock.calls as [[Float32Array]];
  log.mockRestore();
  [1, 2.5 / 1.5, 3, 5.5 / 1.5].forEach((value, i) => expect(y[i]).toBeCloseTo(value, 5));
});
