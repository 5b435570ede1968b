import { parseArgs } from 'node:util';
import { renameFix, type StorageType, TilewrightError } from '@tilewright/kernels';
import type { CacheState } from '../measure/time-programs.ts';
import { checkReaders, type Measurement } from './option-readers.ts';

export interface BenchOptions {
  readonly filter: string | undefined;
  readonly adapter: string | undefined;
  /** Install a driver where none answers. */
  readonly system: boolean;
  readonly compare: boolean;
  /** Follows attention and mixers over the length of the sequence. */
  readonly scaling: boolean;
  /** Lengths to follow it over. */
  readonly lengths: readonly number[] | undefined;
  /** Times products with weights in each format. */
  readonly formats: boolean;
  /** Times what a step costs the host. */
  readonly host: boolean;
  /** Times the kernels' own workloads; always where nothing else is asked for. */
  readonly suite: boolean;
  /** Default `first` for workloads, `all` over the length of the sequence. */
  readonly plans: 'first' | 'all' | undefined;
  readonly size: 'small' | 'large' | 'all' | undefined;
  readonly dtype: StorageType | undefined;
  readonly cache: CacheState;
  readonly samples: number | undefined;
  /** Where the JSON lines go; `-` is standard output. */
  readonly json: string | undefined;
  readonly html: string | undefined;
  readonly help: boolean;
}

export const usage = `Usage: tilewright bench [options]

Checks every kernel's workloads against an f64 oracle, then times the right ones.

  --filter TEXT          only workloads whose kernel/workload/model contains TEXT
                         (with --compare: cases whose operator/case does; with --scaling: curves whose name does;
                         with --formats: formats whose name and density do)
  --size WHICH           of the workloads: small, large or all; default small on software adapters, else all
  --dtype TYPE           of the workloads: f32 or f16; default both
  --plans WHICH          first (what a kernel chooses by itself) or all, in turns; default first, with --scaling all
  --cache STATE          of the workloads: warm (default) or cold
  --samples N            samples of each; default 15
  --compare onnxruntime  matched cases beside onnxruntime's WebGPU provider, instead of the workloads
  --scaling              time and bytes of attention and of mixers over the length of the sequence, instead of the workloads
  --lengths N,N,...      with --scaling: which lengths, ascending; default powers of two from 256 to 16384
  --formats              products with a weight of 4096 by 4096 in every format beside f32, for 1, 16 and 512 rows,
                         instead of the workloads
  --host                 what a step of a model costs the host, beside a bare loop of its dispatches, instead of the workloads
  --suite                with --compare, --scaling, --formats or --host: the workloads as well
  --adapter NAME         auto (default), lavapipe or swiftshader
  --system               install Mesa's CPU driver with apt, as root, where no GPU answers and it is missing
  --json FILE            rows as JSON lines, written from the first row on; - for standard output
  --html FILE            one self-contained report
  --help                 this text

An option that nothing asked for reads is refused.
Exit code: 0 all right, 1 a wrong or failed result or something missing, 2 a wrong command line,
130 interrupted (the rows so far are written).
`;

/** Reads the command line. Throws `bad-argument`. */
export function parseBenchOptions(words: readonly string[]): BenchOptions {
  const values = parse(words);
  const compare = choose('--compare', values.compare, ['onnxruntime']) !== undefined;
  const scaling = values.scaling === true;
  const formats = values.formats === true;
  const host = values.host === true;
  const suite = (!compare && !scaling && !formats && !host) || values.suite === true;
  const asked = { suite, compare, scaling, formats, host };
  checkReaders(
    values,
    (Object.keys(asked) as Measurement[]).filter((measurement) => asked[measurement]),
  );
  return {
    filter: values.filter,
    adapter: choose('--adapter', values.adapter, ['auto', 'lavapipe', 'swiftshader']),
    system: values.system === true,
    compare,
    scaling,
    lengths: lengthsOf(values.lengths, scaling),
    formats,
    host,
    suite,
    plans: choose('--plans', values.plans, ['first', 'all']),
    size: choose('--size', values.size, ['small', 'large', 'all']),
    dtype: choose('--dtype', values.dtype, ['f32', 'f16']),
    cache: choose('--cache', values.cache, ['warm', 'cold']) ?? 'warm',
    samples: count('--samples', values.samples),
    json: values.json,
    html: values.html,
    help: values.help === true,
  };
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

function parse(words: readonly string[]): {
  [
    Name in
      | 'filter'
      | 'adapter'
      | 'compare'
      | 'lengths'
      | 'plans'
      | 'size'
      | 'dtype'
      | 'cache'
      | 'samples'
      | 'json'
      | 'html'
  ]?: string;
} & {
  suite?: boolean;
  scaling?: boolean;
  formats?: boolean;
  host?: boolean;
  system?: boolean;
  help?: boolean;
} {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        filter: text,
        adapter: text,
        compare: text,
        scaling: flag,
        formats: flag,
        host: flag,
        lengths: text,
        suite: flag,
        system: flag,
        plans: text,
        size: text,
        dtype: text,
        cache: text,
        samples: text,
        json: text,
        html: text,
        help: { ...flag, short: 'h' },
      },
    });
    return values;
  } catch (cause) {
    const problem = (cause instanceof Error ? cause.message : String(cause))
      .split('. ')[0]!
      .replace(/\.$/, '');
    throw new TilewrightError('bad-argument', { subject: 'bench', problem, fix: 'see --help' }, { cause });
  }
}

function choose<Name extends string>(
  option: string,
  value: string | undefined,
  known: readonly Name[],
): Name | undefined {
  if (value === undefined) return undefined;
  const found = known.find((name) => name === value);
  if (found !== undefined) return found;
  throw new TilewrightError('bad-argument', {
    subject: 'bench',
    problem: `${option} is '${value}'`,
    requirement: `known are ${known.join(', ')}`,
    fix: renameFix(value, known, 'give one of these'),
  });
}

function count(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^[1-9]\d{0,5}$/.test(value)) return Number(value);
  throw new TilewrightError('bad-argument', {
    subject: 'bench',
    problem: `${option} is '${value}'`,
    requirement: 'it is a number of samples, 1 or more',
    fix: 'give such a number',
  });
}

function lengthsOf(value: string | undefined, scaling: boolean): readonly number[] | undefined {
  if (value === undefined) return undefined;
  const lengths = value.split(',').map((each) => (/^[1-9]\d{0,6}$/.test(each.trim()) ? Number(each) : NaN));
  const ascending = lengths.every((length, i) => length > (lengths[i - 1] ?? 0));
  if (scaling && ascending) return lengths;
  throw new TilewrightError('bad-argument', {
    subject: 'bench',
    problem: `--lengths is '${value}'${scaling ? '' : ' without --scaling'}`,
    requirement: 'it says for --scaling which lengths of the sequence, ascending',
    fix: 'give for example --scaling --lengths 256,512,1024',
  });
}
