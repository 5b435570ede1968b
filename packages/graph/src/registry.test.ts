// Every operator is a value of its own: found by its id, imported alone, with nothing of another that it is not made of.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { meanings, operators } from './registry.ts';

const folder = fileURLToPath(new URL('..', import.meta.url));
const { exports: entries } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8')) as {
  readonly exports: Readonly<Record<string, { readonly 'tilewright-source': string }>>;
};
const paths = Object.entries(entries).filter(([path]) => path.startsWith('./operators/'));

test('ids are unique', () => {
  expect(new Set(operators.map(({ id }) => id)).size).toBe(operators.length);
});

test('every operator has a meaning and an entry, and kernels, operators it is made of, the host, or nothing to compute', async () => {
  expect(meanings.length).toBe(paths.length);
  expect(
    operators.filter(({ lower, expand, view, fold, host }) => !(lower ?? expand ?? view ?? fold ?? host)),
  ).toEqual([]);
  for (const [path, entry] of paths) {
    const module = (await import(/* @vite-ignore */ `../${entry['tilewright-source']}`)) as Record<
      string,
      unknown
    >;
    const values = Object.values(module).filter((value) => operators.includes(value as never));
    expect([path, values.length]).toEqual([path, 1]);
  }
});

/** What expands brings what it expands to, what looks through a node brings its operator. */
const parts: Readonly<Record<string, readonly string[]>> = {
  'append-cache': ['sequence-places'],
  'cached-attention': ['packed-attention', 'sequence-places'],
  'arg-min': ['arg-max', 'neg'],
  attention: ['append-tokens', 'attention-scores', 'fused-attention', 'split-heads'],
  'auto-correlation': [
    'copy',
    'delayed-sum',
    'fourier-transform',
    'neg',
    'reduce-axes',
    'softmax',
    'top-k',
    'transpose',
  ],
  concat: ['copy', 'identity'],
  dropout: ['copy', 'identity'],
  gemm: ['add', 'copy', 'mat-mul', 'multiple', 'transpose'],
  gru: ['cast', 'copy', 'flatten', 'gru-recurrence', 'mat-mul', 'transpose'],
  'layer-normalization': ['add', 'mul'],
  'kernel-attention': ['feature-map', 'sequence-places'],
  'long-convolution': ['fourier-transform'],
  'long-convolution2d': ['fourier-transform'],
  'toeplitz-attention': ['cast', 'exp', 'feature-map', 'fourier-transform', 'toeplitz-transform'],
  'toeplitz-transform': ['feature-map'],
  lstm: ['cast', 'copy', 'flatten', 'lstm-recurrence', 'mat-mul', 'transpose'],
  'matrix-lstm': ['matrix-memory', 'peak-scan', 'sequence-places'],
  'mat-mul': ['transpose'],
  'reduce-l1': ['abs', 'copy', 'identity', 'reduce-axes'],
  'reduce-l2': ['copy', 'identity', 'reduce-axes', 'sqrt'],
  'reduce-log-sum': ['copy', 'identity', 'log', 'reduce-axes'],
  'reduce-log-sum-exp': [
    'add',
    'copy',
    'identity',
    'log',
    'reduce-axes',
    'reduce-max',
    'reduce-sum',
    'shifted-exp',
  ],
  'reduce-prod': ['copy', 'identity', 'reduce-axes'],
  'reduce-max': ['copy', 'identity', 'reduce-axes'],
  'reduce-mean': ['copy', 'identity', 'reduce-axes'],
  'reduce-min': ['copy', 'identity', 'reduce-axes'],
  'reduce-sum': ['copy', 'identity', 'reduce-axes'],
  'reduce-sum-square': ['copy', 'identity', 'reduce-axes'],
  'rms-normalization': ['mul'],
  rnn: ['cast', 'copy', 'flatten', 'mat-mul', 'rnn-recurrence', 'transpose'],
  'spectral-filter': ['fourier-transform'],
  'gated-scan': ['sequence-places'],
  'peak-scan': ['sequence-places'],
  'selective-scan': ['sequence-places'],
  'linear-attention': ['sequence-places'],
  'generalized-delta': ['sequence-places'],
  'state-space-dual': ['sequence-places'],
  'matrix-memory': ['sequence-places'],
  'short-convolution': ['sequence-places'],
  'causal-conv-with-state': ['sequence-places'],
  'top-k': ['copy', 'neg', 'transpose'],
};

/** Operators that compute nothing, of which what cannot be read where it lies is copied. */
const views = new Set(
  meanings.flatMap(({ operator }) =>
    operator.view ? [operator.name.replaceAll(/(?<=[a-z])[A-Z]/g, '-$&').toLowerCase()] : [],
  ),
);

test.each(paths)('%s alone brings no other operator, and nothing of the oracle', async (path, entry) => {
  const { metafile } = await build({
    absWorkingDir: folder,
    stdin: { contents: `export * from '${entry['tilewright-source']}'`, resolveDir: folder },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    external: ['@tilewright/kernels', '@tilewright/kernels/*'],
    logLevel: 'silent',
  });
  const sources = new Set(paths.map(([, other]) => other['tilewright-source'].slice('./'.length)));
  const bundled = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  );
  const nameOf = (file: string): string => /([^/]+)\.ts$/.exec(file)![1]!;
  const [name] = bundled.filter((file) => `./${file}` === entry['tilewright-source']).map(nameOf);
  expect(name).toBe(path.slice('./operators/'.length));
  expect(
    bundled
      .filter((file) => sources.has(file))
      .map(nameOf)
      .sort(),
  ).toEqual([name!, ...(parts[name!] ?? []), ...(views.has(name!) ? ['copy'] : [])].sort());
  expect(bundled.filter((file) => file.includes('oracle') || file.includes('meaning'))).toEqual([]);
});

test('an operator that is imported and not used leaves nothing in a bundle', async () => {
  const { outputFiles } = await build({
    absWorkingDir: folder,
    stdin: {
      contents: paths.map(([, entry]) => `import '${entry['tilewright-source']}';`).join('\n'),
      resolveDir: folder,
    },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    external: ['@tilewright/kernels', '@tilewright/kernels/*'],
    logLevel: 'silent',
  });
  expect(outputFiles[0]!.text.replaceAll(/import"@tilewright[^"]*";/g, '').trim()).toBe('');
});
