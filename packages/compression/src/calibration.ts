// Texts through a model, a block at a time: what enters and leaves a block, and statistics of what its weights read.
import type { Arranged, Executable, Graph, Session, ValueData } from '@tilewright/graph';
import { arrange, compile, loadSession, subgraph } from '@tilewright/graph/unchecked';
import type { Sizes } from '@tilewright/kernels';
import type { StateDict } from '@tilewright/kernels/weights';
import type { Device } from '@tilewright/runtime';
import { linearInputs } from './scale-sites.ts';
import type { Statistic, StatisticValues } from './statistic.ts';
import { withTaps } from './taps.ts';

/** What a text is to a graph: the sizes of its symbols, and its inputs. */
export interface Feed {
  readonly sizes: Sizes;
  readonly inputs: Readonly<Record<string, ValueData>>;
}

/** A model that can be compressed: its graph in published names, and where it can be cut. */
export interface CompressibleModel {
  readonly graph: Graph;
  /** Values before and after each block; a block reads the one before it. */
  readonly blocks: readonly { readonly input: string; readonly output: string }[];
}

/** The values that enter the first block. */
export const enterBlocks = (
  device: Device,
  { graph, blocks }: CompressibleModel,
  state: StateDict,
  feeds: readonly Feed[],
): Promise<Float32Array[]> => {
  const first = blocks[0]!.input;
  return runFeeds(device, arrange(subgraph(graph, [], [first]), state), feeds, first);
};

/** Runs a part of the model over texts, one after the other. */
export async function runFeeds(
  device: Device,
  { graph, weights }: Arranged,
  feeds: readonly Feed[],
  output: string | undefined,
  finish?: (session: Session) => Promise<void>,
  fuse = true,
): Promise<Float32Array[]> {
  const largest: Record<string, number> = {};
  for (const { sizes } of feeds)
    for (const [symbol, size] of Object.entries(sizes))
      largest[symbol] = Math.max(size, largest[symbol] ?? 0);
  const compiled = compile(graph, {
    capabilities: device.capabilities,
    formats: new Map([...weights].map(([name, { format }]) => [name, format])),
    sizes: largest,
    fuse,
  });
  const session = await loadSession(device, { part: compiled }, weights);
  try {
    const executable = session.executables.part!;
    const results: Float32Array[] = [];
    for (const { sizes, inputs } of feeds) {
      executable.run(sizes, wantedBy(executable, inputs));
      if (output !== undefined) results.push((await executable.read(output)) as Float32Array);
    }
    await finish?.(session);
    return results;
  } finally {
    session.dispose();
  }
}

const wantedBy = ({ compiled }: Executable, inputs: Feed['inputs']): Feed['inputs'] =>
  Object.fromEntries(Object.entries(inputs).filter(([name]) => compiled.graph.inputs.includes(name)));

/** Statistics of the inputs of some of a block's weights, added to those that are known. */
export async function gather(
  device: Device,
  part: Graph,
  state: StateDict,
  known: ReadonlyMap<string, StatisticValues>,
  statistics: readonly Statistic[],
  feeds: readonly Feed[],
  weights: readonly string[],
): Promise<ReadonlyMap<string, StatisticValues>> {
  const arranged = arrange(part, state);
  const inputs = new Map([...linearInputs(part)].filter(([name]) => weights.includes(name)));
  const { graph, taps } = withTaps(arranged.graph, statistics, inputs);
  const result = new Map<string, StatisticValues>(known);
  const tapped = { graph, weights: arranged.weights };
  await runFeeds(
    device,
    tapped,
    feeds,
    undefined,
    async (session) => {
      const sums = new Map<string, Float32Array>();
      for (const { weight, statistic, state: name, columns } of taps) {
        const count = statistic.shape(columns).reduce((product, size) => product * size, 1);
        const slice = session.slice('state', name);
        const sum =
          sums.get(name) ?? new Float32Array((await device.memory.download(slice)).buffer).subarray(0, count);
        sums.set(name, sum);
        const samples = feeds.reduce((samplesSoFar, feed) => samplesSoFar + inputRows(feed, part), 0);
        const value = statistic.finish(sum, { columns, samples });
        result.set(weight, new Map(result.get(weight)).set(statistic.id, value));
      }
    },
    false,
  );
  return result;
}

/** Rows of the value that enters a part, for one text. */
function inputRows({ inputs }: Feed, { values, inputs: names }: Graph): number {
  const entering = names.at(-1)!;
  return (inputs[entering] as Float32Array).length / Number(values[entering]!.shape.at(-1));
}
