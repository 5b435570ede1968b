// Pages of a key/value cache: which sequence has which, shared ones counted. Pure bookkeeping; the pages themselves are on
// the device, where `pagedLoadK` and `pagedLoadV` read them.
import { checkOptions, positiveInteger, listOf, nonNegativeInteger } from '../contract/check-options.ts';
import { TilewrightError } from '../contract/errors.ts';

/** What an append asks of the device, in this order: first the copies, then the rows. */
export interface PageWrites {
  /** Pages to copy before anything is written, `[from, to]` in turn: the tensor `pairs` of `copyPages`. */
  readonly copies: Uint32Array<ArrayBuffer>;
  /** Of each new token the row `page · pageSize + offset` of the pool: what `cacheWrite` calls the row of a token. */
  readonly rows: Uint32Array<ArrayBuffer>;
}

export interface PageTable {
  readonly pages: number;
  readonly pageSize: number;
  /** Pages that no sequence has. */
  freePages(): number;
  /** A new sequence without tokens; the number that names it. */
  open(): number;
  length(sequence: number): number;
  /** The pages of a sequence, in order. */
  pagesOf(sequence: number): readonly number[];
  /** Room for `tokens` more. A last page that another sequence shares is copied first. Throws `out-of-memory`, unchanged. */
  append(sequence: number, tokens: number): PageWrites;
  /** A new sequence that begins with the first `tokens` (default: all) of another and shares their pages. */
  fork(sequence: number, tokens?: number): number;
  /** Forgets the sequence; pages that nobody else shares are free again. */
  free(sequence: number): void;
  /** The block table of these batch rows, u32 `[rows, width]`, padded with 0. Throws `bad-shape` where it is too narrow. */
  blockTable(sequences: readonly number[], width: number): Uint32Array<ArrayBuffer>;
}

interface Sequence {
  readonly pages: number[];
  length: number;
}

/** The bookkeeping of `pages` pages of `pageSize` tokens. Throws `bad-argument`. */
export function pageTable(options: { readonly pages: number; readonly pageSize: number }): PageTable {
  checkOptions('pageTable', options, { pages: positiveInteger, pageSize: positiveInteger });
  const { pages, pageSize } = options;
  const unused = Array.from({ length: pages }, (_, i) => pages - 1 - i);
  const shares = new Uint32Array(pages);
  const sequences = new Map<number, Sequence>();
  let opened = 0;

  const take = (): number => {
    const page = unused.pop()!;
    shares[page] = 1;
    return page;
  };
  const release = (page: number): void => {
    shares[page]!--;
    if (shares[page] === 0) unused.push(page);
  };
  const add = (sequence: Sequence): number => {
    sequences.set(opened, sequence);
    return opened++;
  };
  const of = (sequence: number): Sequence => {
    const found = sequences.get(sequence);
    if (found) return found;
    throw new TilewrightError('bad-argument', {
      subject: 'pageTable',
      problem: `there is no sequence ${sequence}`,
      requirement: sequence < opened ? 'it was freed' : `${opened} were opened so far, numbered from 0`,
      fix: 'use the number that open() or fork() gave, until free()',
    });
  };

  return Object.freeze({
    pages,
    pageSize,
    freePages: () => unused.length,
    open: () => add({ pages: [], length: 0 }),
    length: (sequence: number) => of(sequence).length,
    pagesOf: (sequence: number) => [...of(sequence).pages],
    append(sequence: number, tokens: number): PageWrites {
      const own = of(sequence);
      demandCount('tokens', tokens, 0);
      const last = own.pages.at(-1);
      const copied =
        tokens > 0 && own.length % pageSize !== 0 && last !== undefined && shares[last]! > 1 ? 1 : 0;
      const needed = Math.ceil((own.length + tokens) / pageSize) - own.pages.length + copied;
      if (needed > unused.length)
        throw new TilewrightError('out-of-memory', {
          subject: 'pageTable',
          problem: `${tokens} more tokens of sequence ${sequence} need ${needed} pages, and ${unused.length} of ${pages} are free`,
          requirement: `a page holds ${pageSize} tokens of one sequence, or a prefix that several share`,
          fix: 'free a sequence, or make a larger pool',
        });
      const copies = copied === 1 ? [last!, take()] : [];
      if (copied === 1) {
        own.pages[own.pages.length - 1] = copies[1]!;
        release(last!);
      }
      while (own.pages.length * pageSize < own.length + tokens) own.pages.push(take());
      const rows = Uint32Array.from({ length: tokens }, (_, i) => {
        const place = own.length + i;
        return own.pages[Math.floor(place / pageSize)]! * pageSize + (place % pageSize);
      });
      own.length += tokens;
      return { copies: Uint32Array.from(copies), rows };
    },
    fork(sequence: number, tokens?: number): number {
      const source = of(sequence);
      const length = tokens ?? source.length;
      demandCount('tokens', length, 0);
      if (length > source.length)
        throw new TilewrightError('bad-argument', {
          subject: 'pageTable',
          problem: `a fork at token ${length} of sequence ${sequence}, which has ${source.length}`,
          requirement: 'a fork shares tokens that are there',
          fix: 'fork later, or at fewer tokens',
        });
      const shared = source.pages.slice(0, Math.ceil(length / pageSize));
      for (const page of shared) shares[page]!++;
      return add({ pages: shared, length });
    },
    free(sequence: number): void {
      of(sequence).pages.forEach(release);
      sequences.delete(sequence);
    },
    blockTable(rows: readonly number[], width: number): Uint32Array<ArrayBuffer> {
      const table = new Uint32Array(rows.length * width);
      rows.forEach((sequence, row) => {
        const own = of(sequence).pages;
        if (own.length > width)
          throw new TilewrightError('bad-shape', {
            subject: 'pageTable',
            problem: `sequence ${sequence} has ${own.length} pages, and a row of the block table ${width} entries`,
            requirement: 'every page of a sequence needs an entry',
            fix: 'make the table wider',
          });
        table.set(own, row * width);
      });
      return table;
    },
  });
}

/**
 * Checks a block table, u32 `[lengths.length, width]`, against the pool before it goes to the device, where entries past the
 * pool read its last page in silence. Only entries that `lengths` make use of count. Throws `bad-shape`.
 */
export function checkBlockTable(
  table: Uint32Array<ArrayBuffer>,
  pool: { readonly pages: number; readonly pageSize: number; readonly lengths: readonly number[] },
): Uint32Array<ArrayBuffer> {
  checkOptions('checkBlockTable', pool, {
    pages: positiveInteger,
    pageSize: positiveInteger,
    lengths: listOf(nonNegativeInteger),
  });
  const { pages, pageSize, lengths } = pool;
  const width = table.length / lengths.length;
  lengths.forEach((length, row) => {
    const used = Math.ceil(length / pageSize);
    if (used > width)
      throw new TilewrightError('bad-shape', {
        subject: 'block table',
        problem: `batch row ${row} has ${length} tokens, and its ${width} entries room for ${width * pageSize}`,
        requirement: `an entry is a page of ${pageSize} tokens`,
        fix: 'give the table more entries, or correct the length',
      });
    for (let place = 0; place < used; place++) {
      const entry = table[row * width + place]!;
      if (entry >= pages)
        throw new TilewrightError('bad-shape', {
          subject: 'block table',
          problem: `entry ${place} of batch row ${row} is page ${entry}, and the pool has ${pages}`,
          requirement: 'pages count from 0',
          fix: 'correct the table, or give the pool it was made for',
        });
    }
  });
  return table;
}

function demandCount(what: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new TilewrightError('bad-argument', {
    subject: 'pageTable',
    problem: `${what} is ${value}`,
    requirement: `it must be an integer of ${least} or more`,
    fix: `give such a number`,
  });
}
