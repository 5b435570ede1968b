// The page on attention: links lead somewhere, nothing is missing, tests name what they are said to test, the example is true.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { expect, test, vi } from 'vitest';
import * as cacheFillings from '../../cache/fillings/index.ts';
import type { Filling } from '../../contract/filling.ts';
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

/** Cells of a table, by the words of its head. */
const tableOf = (head: string): readonly (readonly string[])[] => {
  const lines = page.slice(page.indexOf(head)).split('\n');
  const end = lines.findIndex((line) => !line.startsWith('|'));
  return lines.slice(2, end).map((line) => line.slice(2, -2).split(' | '));
};

const { alibi, gaussianSimilarity, prefixMask } = attentionFillings;
const quantized = { capacity: 8, size: 8, bits: 8 } as const;
const paged = { pages: 4, pageSize: 2, tableSize: 3, size: 8 };
/** A call of each function that makes a filling; one whose options decide the shapes of its tensors is called with both. */
const calls: Readonly<Record<string, readonly Filling[]>> = {
  additiveMask: [true, false].map((all) =>
    fillings.additiveMask({ batch: all, heads: all, queries: all, keys: all }),
  ),
  additiveSimilarity: [fillings.additiveSimilarity({ headSize: 8 })],
  atOriginalPositions: [fillings.atOriginalPositions(alibi)],
  blockMask: [true, false].map((heads) =>
    fillings.blockMask({ size: 4, queryBlocks: 2, keyBlocks: 2, heads }),
  ),
  booleanMask: [true, false].map((all) =>
    fillings.booleanMask({ batch: all, heads: all, queries: all, keys: all }),
  ),
  bothMasks: [fillings.bothMasks(prefixMask, prefixMask)],
  collinearLoadK: [fillings.collinearLoadK({ headSize: 8, positions: 4 })],
  collinearLoadQ: [fillings.collinearLoadQ({ headSize: 8, positions: 4 })],
  gatedOutput: [fillings.gatedOutput(8)],
  gridBias: [fillings.gridBias({ height: 2, width: 3 })],
  keyCounts: [true, false].map((shared) => fillings.keyCounts({ shared })),
  kroneckerMask: [fillings.kroneckerMask(3)],
  leakyReluScore: [fillings.leakyReluScore(0.1)],
  listedKeys: (['heads', 'kv_heads', 1] as const).map((heads) =>
    fillings.listedKeys({ batch: heads === 1, heads, queries: heads !== 1 }),
  ),
  neighbourhood: [fillings.neighbourhood({ grid: [4], kernel: 3 })],
  pagedLoadK: [fillings.pagedLoadK(paged)],
  pagedLoadV: [fillings.pagedLoadV(paged)],
  priorFittedMask: [fillings.priorFittedMask()],
  quantizedLoadK: [1, 2].map((groupTokens) => fillings.quantizedLoadK({ ...quantized, groupTokens })),
  quantizedLoadV: [1, 2].map((groupTokens) => fillings.quantizedLoadV({ ...quantized, groupTokens })),
  queryBias: [fillings.queryBias(8)],
  relativeBias: [fillings.relativeBias(3)],
  relativeFactor: [fillings.relativeFactor(3)],
  relativeProduct: [fillings.relativeProduct({ back: 3 })],
  ringLoadK: [fillings.ringLoadK({ capacity: 8, size: 8 })],
  ringLoadV: [fillings.ringLoadV({ capacity: 8, size: 8 })],
  ropeLoadK: [fillings.ropeLoadK({ headSize: 8, positions: 4 })],
  ropeLoadQ: [fillings.ropeLoadQ({ headSize: 8, positions: 4 })],
  scoreClamp: [fillings.scoreClamp(-1, 1)],
  scoresInTurn: [fillings.scoresInTurn(alibi, alibi)],
  shiftedWindowMask: [fillings.shiftedWindowMask({ grid: [4, 4], window: [2, 2], shift: [1, 1] })],
  sigmoidWeight: [fillings.sigmoidWeight(0)],
  treeMask: [true, false].map((batch) => fillings.treeMask({ nodes: 40, batch })),
};
const isFilling = (value: unknown): value is Filling =>
  typeof value === 'object' && value !== null && 'wgsl' in value;
/** What an export makes; undefined for a function that makes something else. */
const madeBy = (name: string, value: unknown): readonly Filling[] | undefined =>
  isFilling(value) ? [value] : calls[name];

const formulas = tableOf('| filling | slot | formula | tensors |');
const functions = tableOf('| function | gives |');

test('every filling has its formula, and every other function says what it gives', () => {
  expect(isFilling(gaussianSimilarity)).toBe(true);
  const inTable = formulas.flatMap(([names]) => codeOf(names!));
  const inOther = functions.flatMap(([names]) => codeOf(names!));
  const exported = Object.entries(fillings);
  expect([...inTable].sort()).toEqual(
    exported.flatMap(([name, value]) => (madeBy(name, value) ? [name] : [])).sort(),
  );
  expect([...inOther].sort()).toEqual(
    exported.flatMap(([name, value]) => (madeBy(name, value) ? [] : [name])).sort(),
  );
  expect(
    formulas.filter(
      (cells) => cells.length !== 4 || (codeOf(cells[2]!).length === 0 && !/seen by/.test(cells[2]!)),
    ),
  ).toEqual([]);
  expect(functions.filter((cells) => cells.length !== 2 || codeOf(cells[1]!).length === 0)).toEqual([]);
});

/** `score.table` float `[heads, entries]` in a cell: the dtype and the axes of each tensor, by its name. */
const tensorsOf = (cell: string): Map<string, { readonly dtype: string; readonly axes: readonly string[] }> =>
  new Map(
    [...cell.matchAll(/`(\w+\.\w+)` (\w+) `\[([^\]]*)\]`/g)].map((match) => [
      match[1]!,
      { dtype: match[2]!, axes: match[3]!.split(', ') },
    ]),
  );

test('the tensors of each filling are those that it binds', () => {
  let compared = 0;
  const problems = formulas.flatMap(([names, slots, , tensors]) => {
    const written = tensorsOf(tensors!);
    const bound = new Set<string>();
    const found = codeOf(names!).flatMap((name, place) => {
      const slot = codeOf(slots!)[place] ?? codeOf(slots!)[0]!;
      const made = madeBy(name, fillings[name as keyof typeof fillings])!;
      return made.flatMap(({ bindings = {} }) =>
        Object.entries(bindings).flatMap(([binding, { shape, dtype }]) => {
          // Of fillings that are handed over.
          if (/^[ab]_/.test(binding) && tensors!.includes(`\`${slot}.${binding[0]}_<name>\``)) return [];
          const tensor = `${slot}.${binding}`;
          bound.add(tensor);
          compared++;
          const said = written.get(tensor);
          const fits =
            said?.dtype === dtype &&
            said.axes.length === shape.length &&
            shape.every((axis, i) => {
              const choices = said.axes[i]!.split(' or ');
              // Numbers depend on the options; 1 is an axis that is shared where the page says so.
              if (typeof axis === 'number') return axis !== 1 || choices.includes('1');
              return choices.includes(axis);
            });
          return fits ? [] : [`${name}: ${tensor} is ${dtype} [${shape.join(', ')}]`];
        }),
      );
    });
    const stray = [...written.keys()].filter((tensor) => !bound.has(tensor));
    const silent = bound.size === 0 && tensors !== 'none' && !tensors!.startsWith('theirs');
    return [
      ...found,
      ...stray.map((tensor) => `${names}: binds no ${tensor}`),
      ...(silent ? [`${names}: '${tensors}' for no tensors`] : []),
    ];
  });
  expect(problems).toEqual([]);
  expect(compared).toBeGreaterThan(40);
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
