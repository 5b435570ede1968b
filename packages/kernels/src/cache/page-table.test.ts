import { normalStream } from '@tilewright/kernels';
import { expect, test } from 'vitest';
import { checkBlockTable, pageTable } from './page-table.ts';

test('sequences take pages as they grow, and give them back', () => {
  const table = pageTable({ pages: 4, pageSize: 3 });
  const a = table.open();
  expect(table.append(a, 4)).toEqual({ copies: Uint32Array.of(), rows: Uint32Array.of(0, 1, 2, 3) });
  const b = table.open();
  expect(table.append(b, 2)).toEqual({ copies: Uint32Array.of(), rows: Uint32Array.of(6, 7) });
  expect(table.append(a, 3).rows).toEqual(Uint32Array.of(4, 5, 9));
  expect(table.append(b, 0)).toEqual({ copies: Uint32Array.of(), rows: Uint32Array.of() });
  expect([table.length(a), table.pagesOf(a), table.freePages()]).toEqual([7, [0, 1, 3], 0]);
  expect(table.blockTable([b, a], 3)).toEqual(Uint32Array.of(2, 0, 0, 0, 1, 3));
  table.free(a);
  expect(table.freePages()).toBe(3);
});

test('a fork shares pages; whoever writes into a shared one first gets a copy', () => {
  const table = pageTable({ pages: 6, pageSize: 4 });
  const a = table.open();
  table.append(a, 6);
  const b = table.fork(a);
  const c = table.fork(a);
  expect(table.freePages()).toBe(4);
  expect(table.append(a, 1)).toEqual({ copies: Uint32Array.of(1, 2), rows: Uint32Array.of(10) });
  expect(table.append(b, 3)).toEqual({ copies: Uint32Array.of(1, 3), rows: Uint32Array.of(14, 15, 16) });
  // The last that has the page keeps it.
  expect(table.append(c, 1)).toEqual({ copies: Uint32Array.of(), rows: Uint32Array.of(6) });
  expect([a, b, c].map(table.pagesOf)).toEqual([
    [0, 2],
    [0, 3, 4],
    [0, 1],
  ]);
  [a, b, c].forEach(table.free);
  expect(table.freePages()).toBe(6);
});

test('a prefix is shared up to any token; whole pages are never copied', () => {
  const table = pageTable({ pages: 6, pageSize: 4 });
  const a = table.open();
  table.append(a, 9);
  const whole = table.fork(a, 8);
  expect(table.append(whole, 1).copies).toEqual(Uint32Array.of());
  const partial = table.fork(a, 5);
  expect(table.append(partial, 1)).toEqual({ copies: Uint32Array.of(1, 4), rows: Uint32Array.of(17) });
  const none = table.fork(a, 0);
  expect(table.pagesOf(none)).toEqual([]);
});

test('whatever happens, no page is lost, and none that is written is shared', () => {
  const table = pageTable({ pages: 25, pageSize: 3 });
  const normal = normalStream(7);
  const draw = (most: number): number => Math.floor(Math.abs(normal()) * 1e6) % most;
  // What each sequence must read, and what the pool holds.
  const texts = new Map<number, number[]>();
  const pool = Array.from({ length: 75 }, () => -1);
  let token = 0;
  let failed = 0;
  for (let step = 0; step < 700; step++) {
    const known = [...texts.keys()];
    const sequence = known[draw(known.length || 1)];
    const what = draw(8);
    if (sequence === undefined || what === 0) texts.set(table.open(), []);
    else if (what === 1) {
      const tokens = draw(texts.get(sequence)!.length + 1);
      texts.set(table.fork(sequence, tokens), texts.get(sequence)!.slice(0, tokens));
    } else if (what === 2) {
      table.free(sequence);
      texts.delete(sequence);
    } else {
      const tokens = draw(5);
      try {
        const { copies, rows } = table.append(sequence, tokens);
        for (let i = 0; i < copies.length; i += 2)
          for (let offset = 0; offset < 3; offset++)
            pool[copies[i + 1]! * 3 + offset] = pool[copies[i]! * 3 + offset]!;
        rows.forEach((row) => {
          pool[row] = token;
          texts.get(sequence)!.push(token++);
        });
      } catch (error) {
        expect(String(error)).toContain('pages, and');
        failed++;
        for (const each of texts.keys())
          if (each !== sequence && draw(2) === 0) {
            table.free(each);
            texts.delete(each);
          }
      }
    }
    const wrong = [...texts].filter(([each, text]) => {
      const pages = table.pagesOf(each);
      return text.some((value, i) => value !== pool[pages[Math.floor(i / 3)]! * 3 + (i % 3)]);
    });
    expect(wrong).toEqual([]);
    const used = new Set([...texts.keys()].flatMap((each) => table.pagesOf(each)));
    expect(table.freePages() + used.size).toBe(25);
  }
  expect(failed).toBeGreaterThan(0);
});

test('what cannot be is refused, and changes nothing', () => {
  const table = pageTable({ pages: 2, pageSize: 4 });
  const a = table.open();
  table.append(a, 6);
  expect(() => table.append(a, 3)).toThrow(
    '[pageTable] 3 more tokens of sequence 0 need 1 pages, and 0 of 2 are free; a page holds 4 tokens of one sequence, ' +
      'or a prefix that several share. Fix: free a sequence, or make a larger pool.',
  );
  expect([table.length(a), table.freePages()]).toEqual([6, 0]);
  expect(() => table.append(a, -1)).toThrow(
    '[pageTable] tokens is -1; it must be an integer of 0 or more. Fix: give such a number.',
  );
  expect(() => table.fork(a, 7)).toThrow(
    '[pageTable] a fork at token 7 of sequence 0, which has 6; a fork shares tokens that are there. ' +
      'Fix: fork later, or at fewer tokens.',
  );
  expect(() => table.blockTable([a], 1)).toThrow(
    '[pageTable] sequence 0 has 2 pages, and a row of the block table 1 entries; every page of a sequence needs an ' +
      'entry. Fix: make the table wider.',
  );
  expect(() => table.length(1)).toThrow(
    '[pageTable] there is no sequence 1; 1 were opened so far, numbered from 0. ' +
      'Fix: use the number that open() or fork() gave, until free().',
  );
  table.free(a);
  expect(() => table.free(a)).toThrow(
    '[pageTable] there is no sequence 0; it was freed. Fix: use the number that open() or fork() gave, until free().',
  );
  expect(() => pageTable({ pages: 0, pageSize: 4 })).toThrow(
    '[pageTable] pages is 0; it must be a positive integer. Fix: give a positive integer.',
  );
});

test('a block table that leads outside the pool is refused, naming both', () => {
  const good = Uint32Array.of(0, 3, 99, 1, 2, 99);
  const pool = { pages: 4, pageSize: 4 };
  expect(checkBlockTable(good, { ...pool, lengths: [8, 5] })).toBe(good);
  expect(() => checkBlockTable(good, { ...pool, lengths: [8, 9] })).toThrow(
    '[block table] entry 2 of batch row 1 is page 99, and the pool has 4; pages count from 0. ' +
      'Fix: correct the table, or give the pool it was made for.',
  );
  expect(() => checkBlockTable(good, { ...pool, lengths: [13, 5] })).toThrow(
    '[block table] batch row 0 has 13 tokens, and its 3 entries room for 12; an entry is a page of 4 tokens. ' +
      'Fix: give the table more entries, or correct the length.',
  );
});
