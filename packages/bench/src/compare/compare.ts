import type { KernelCheck } from '@tilewright/kernels';
import { registry } from '@tilewright/kernels/registry';
import type { Device } from '@tilewright/runtime';
import { median } from '../measure/statistics.ts';
import { describeEnvironment } from '../suite/environment.ts';
import { attentionCases } from './attention-cases.ts';
import { type Candidate, makeCandidates, relativeError } from './candidates.ts';
import { linearCases } from './linear-cases.ts';
import type { CaseData, MatchedCase, OurWay } from './matched-case.ts';
import { loadPeer, type Peer, type PeerSession } from './peer.ts';
import { rowCases } from './row-cases.ts';
import type { ComparisonRow, ComparisonRun } from './row.ts';

export interface CompareOptions {
  /** Only cases whose `op/case` contains this, case ignored. */
  readonly filter?: string;
  /** Samples of either side in a run; default 15. */
  readonly samples?: number;
  /** No side is sampled for much longer than this in a run, but always at least 3 times; default 600 ms. */
  readonly budgetMs?: number;
  /** Runs, of whose ratios the median counts; default 3. */
  readonly runs?: number;
  /** Our kernels; default all there are. */
  readonly checks?: readonly KernelCheck[];
  readonly toggles?: readonly string[];
  readonly onProgress?: (line: string) => void;
  /** Ends the comparison with its reason before the next case or run. */
  readonly signal?: AbortSignal;
}

export const matchedCases: readonly MatchedCase[] = [...linearCases, ...rowCases, ...attentionCases];

/** What f32 sums in another order differ by at most, as a fraction of the largest element. */
const roundingOnly = 1e-4;

/** Below this ratio we call ourselves slower. */
export const slowerBelow = 0.95;

/**
 * Runs the matched cases on our kernels and on onnxruntime's WebGPU provider, in this process, in turns; either side
 * is held against f64 before it is timed. Throws `missing-dependency` where onnxruntime-node is not installed.
 */
export async function compareWithOnnxruntime(
  device: Device,
  options: CompareOptions = {},
  onRow: (row: ComparisonRow) => void = () => {},
): Promise<readonly ComparisonRow[]> {
  const peer = await loadPeer();
  const environment = await describeEnvironment(device, options.toggles);
  const filter = options.filter?.toLowerCase() ?? '';
  const wanted = matchedCases.filter((each) => `${each.op}/${each.case}`.toLowerCase().includes(filter));
  const rows: ComparisonRow[] = [];
  for (const [index, each] of wanted.entries()) {
    options.signal?.throwIfAborted();
    options.onProgress?.(`${index + 1}/${wanted.length} ${each.op}, ${each.case}`);
    const outcome = await compareCase(device, peer, each, options);
    const described = { kind: 'comparison' as const, op: each.op, case: each.case, flops: each.flops };
    const row = {
      ...described,
      ...nothing,
      ...outcome,
      peer: { name: peer.name, version: peer.version },
      environment,
    };
    rows.push(row);
    onRow(row);
  }
  return rows;
}

const nothing = {
  message: '',
  oursMs: null,
  peerMs: null,
  ratio: null,
  oursError: null,
  peerError: null,
  slower: null,
  runs: [],
  samplesPerRun: 0,
  ours: null,
} as const;

type Outcome = Pick<ComparisonRow, 'status'> & Partial<ComparisonRow>;

async function compareCase(
  device: Device,
  peer: Peer,
  matched: MatchedCase,
  options: CompareOptions,
): Promise<Outcome> {
  const find = (name: string): KernelCheck | undefined =>
    (options.checks ?? registry).find(({ kernel }) => kernel.name === name);
  const oracle = find(matched.oracle);
  if (!oracle) return { status: 'ours-missing', message: `there is no kernel ${matched.oracle}` };
  const data = matched.make(oracle);
  let session: PeerSession;
  try {
    session = await peer.open(data.graph, data.feeds);
  } catch (error) {
    return { status: 'peer-missing', message: error instanceof Error ? error.message : String(error) };
  }
  try {
    return await compareOpened(device, session, matched, data, find, options);
  } finally {
    await session.dispose();
  }
}

async function compareOpened(
  device: Device,
  session: PeerSession,
  { tolerance }: MatchedCase,
  data: CaseData,
  find: (name: string) => KernelCheck | undefined,
  options: CompareOptions,
): Promise<Outcome> {
  const peerError = relativeError(await session.run(), data.exact);
  // A way that rounds activations must not be less accurate than the peer; the others differ by f32 rounding only.
  const allowed = (way: OurWay): number => Math.min(tolerance, way.rounds ? peerError : roundingOnly);
  const { right, wrong } = await makeCandidates(device, data, find, allowed);
  try {
    const known = { peerError: finite(peerError), message: wrong.join('; ') };
    if (right.length === 0) return { ...known, status: wrong.length > 0 ? 'ours-wrong' : 'ours-missing' };
    if (!(peerError <= tolerance)) {
      const message = `the peer's error is ${peerError.toExponential(1)}, tolerated are ${tolerance}`;
      return {
        ...known,
        message,
        status: 'peer-wrong',
        oursError: Math.min(...right.map(({ error }) => error)),
      };
    }
    const fastest = await fastestOf(right);
    const runs: ComparisonRun[] = [];
    const sides = [() => fastest.resident.run(), () => session.run()] as const;
    const slowestMs = Math.max(await timed(sides[0]), await timed(sides[1]));
    let samplesPerRun = 0;
    for (let run = 0; run < (options.runs ?? 3); run++) {
      options.signal?.throwIfAborted();
      const [ours, theirs] = await interleave(sides, slowestMs, options);
      samplesPerRun = ours.length;
      const medians = { oursMs: median(ours), peerMs: median(theirs) };
      runs.push({ ...medians, ratio: medians.peerMs / medians.oursMs });
    }
    const middle = [...runs].sort((a, b) => a.ratio - b.ratio)[(runs.length - 1) >> 1]!;
    const { way, plan, planRank, error } = fastest;
    return {
      ...known,
      ...middle,
      status: 'compared',
      oursError: error,
      slower: middle.ratio < slowerBelow,
      runs,
      samplesPerRun,
      ours: { kernel: way.kernel, plan, planRank, options: { ...way.options } },
    };
  } finally {
    for (const { resident } of right) resident.dispose();
  }
}

/** Rounds in which candidates are told apart: the least, and the most where they are quick. */
const candidateRounds = { least: 6, most: 30 };
/** Beyond the least, rounds go on for so long. */
const choosingMs = 500;

/**
 * The fastest candidate by its quickest sample, which other processes disturb least, sampled in turns with the others;
 * those far behind drop out on the way, but no one for a single hiccup.
 */
async function fastestOf(candidates: readonly Candidate[]): Promise<Candidate> {
  let left = candidates.map((candidate) => ({ candidate, bestMs: Infinity }));
  const start = performance.now();
  const { least, most } = candidateRounds;
  for (let round = 0; round < most && left.length > 1; round++) {
    if (round >= least && performance.now() - start > choosingMs) break;
    for (const each of left)
      each.bestMs = Math.min(each.bestMs, await timed(() => each.candidate.resident.run()));
    const limitMs = (round < 2 ? 4 : 1.5) * Math.min(...left.map(({ bestMs }) => bestMs));
    left = left.filter(({ bestMs }) => bestMs <= limitMs);
  }
  return left.reduce((a, b) => (b.bestMs < a.bestMs ? b : a)).candidate;
}

async function interleave(
  sides: readonly [() => Promise<unknown>, () => Promise<unknown>],
  slowestMs: number,
  { samples = 15, budgetMs = 600 }: CompareOptions,
): Promise<readonly [number[], number[]]> {
  const rounds = Math.max(3, Math.min(samples, Math.floor(budgetMs / slowestMs)));
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    // Each goes first as often as the other.
    const order = round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    for (const side of order) times[side].push(await timed(sides[side]));
  }
  return times;
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
