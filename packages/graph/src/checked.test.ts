// What functions say of arguments that are no such thing; no device is needed.
import { baselineCapabilities, isTilewrightError } from '@tilewright/kernels';
import { expect, test } from 'vitest';
import {
  arrange,
  checkGraph,
  compile,
  explain,
  findOperator,
  fuse,
  type Graph,
  graphBuilder,
  indexGraph,
  loadSession,
  plannedBytes,
  prepareWeights,
  simplify,
  subgraph,
  withOutputs,
} from './index.ts';
import { add } from './operators/pointwise/add.ts';

function doubled(): Graph {
  const g = graphBuilder({ tokens: { max: 4 } });
  const x = g.input('x', 'f32', ['tokens', 2]);
  return g.finish({ outputs: [g.node(add, { A: x, B: x }).C!] });
}
const graph = doubled();
const capabilities = baselineCapabilities;
const compiled = compile(graph, { capabilities });
const weights = new Map();
const builder = (): ReturnType<typeof graphBuilder> => graphBuilder({ tokens: { max: 4 } });

async function refusal(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (!isTilewrightError(error)) throw error;
    return `${error.code}: ${error.message}`;
  }
  return 'nothing was refused';
}

const junk = [undefined, null, 3, 'text', {}, [], Promise.resolve(graph), () => graph] as never[];
const aGraph = 'it must be a graph, as a builder finishes it.';
const aMap = 'it must be a Map of weights by name.';
const result = 'it must be what compile gives.';
test.each<[string, (value: never) => unknown, string]>([
  ['arrange', (value) => arrange(value, weights), `[arrange] graph is VALUE; ${aGraph}`],
  ['arrange', (value) => arrange(graph, value), `[arrange] weights is VALUE; ${aMap}`],
  ['checkGraph', (value) => checkGraph(value), `[checkGraph] graph is VALUE; ${aGraph}`],
  ['compile', (value) => compile(value, { capabilities }), `[compile] graph is VALUE; ${aGraph}`],
  [
    'compile',
    (value) => compile(graph, { capabilities: value }),
    '[compile] capabilities is VALUE; it must be the capabilities of a device.',
  ],
  ['explain', (value) => explain(value), `[explain] compiled is VALUE; ${result}`],
  ['fuse', (value) => fuse(value), `[fuse] graph is VALUE; ${aGraph}`],
  ['indexGraph', (value) => indexGraph(value), `[indexGraph] graph is VALUE; ${aGraph}`],
  [
    'loadSession',
    (value) => loadSession(value, { compiled }, weights),
    '[loadSession] device is VALUE; it must be what openDevice gives.',
  ],
  [
    'plannedBytes',
    (value) => plannedBytes({ compiled: value }),
    '[plannedBytes] graphs is an object; it must be an object of what compile gives.',
  ],
  ['prepareWeights', (value) => prepareWeights(value, weights), `[prepareWeights] graph is VALUE; ${aGraph}`],
  ['simplify', (value) => simplify(value), `[simplify] graph is VALUE; ${aGraph}`],
  ['subgraph', (value) => subgraph(value, [], []), `[subgraph] graph is VALUE; ${aGraph}`],
  ['withOutputs', (value) => withOutputs(value, []), `[withOutputs] graph is VALUE; ${aGraph}`],
])('%s of what is no such thing: %#', async (_, work, message) => {
  for (const value of junk) {
    const said = await refusal(() => work(value));
    const [before, after] = message.split('VALUE') as [string, string?];
    expect(said).toContain(`bad-argument: ${before}`);
    if (after !== undefined) expect(said).toContain(after);
    if (after !== undefined && value === junk[6]) expect(said).toContain('a promise');
    if (value === junk[6] && after !== undefined) expect(said).toContain('Fix: write await in front of it.');
  }
});

test.each<[string, () => unknown, string]>([
  [
    'a size of no symbol',
    () => compile(graph, { capabilities, sizes: { token: 2 } }),
    "[compile] there is no size 'token'; the graph has tokens. Fix: write 'tokens'.",
  ],
  [
    'a cache of no state',
    () => compile(graph, { capabilities, caches: { 'cache.0': {} as never } }),
    "[compile] there is no cache 'cache.0'; the graph has none. Fix: remove it.",
  ],
  [
    'an option that nobody reads',
    () => compile(graph, { capabilities, size: { tokens: 2 } } as never),
    "[compile] there is no option 'size'; known are capabilities, formats, sizes, fuse, caches, choosePlan. Fix: write 'sizes'.",
  ],
  [
    'a step of no symbol',
    () => explain(compiled, { token: 1 }),
    "[explain] there is no size 'token'; the graph has tokens. Fix: write 'tokens'.",
  ],
  [
    'outputs in a text',
    () => withOutputs(graph, 'x' as never),
    "[withOutputs] outputs is 'x'; it must be a list, of which each is a value. Fix: give a list, of which each is a value.",
  ],
  [
    'a type of elements that is none',
    () => builder().input('x', 'f33' as never, [2]),
    "[input] dtype is 'f33'; it must be 'f32' or 'f16' or 'u32' or 'i32' or 'u8' or 'i8'. Fix: give 'f32' or 'f16' or 'u32' or 'i32' or " +
      "'u8' or 'i8'.",
  ],
  [
    'a shape that is a number',
    () => builder().weight('w', 4 as never),
    '[weight] shape is 4; it must be a list, of which each is a value. Fix: give a list, of which each is a value.',
  ],
  [
    'integers of another kind as a constant, which would be read as f32',
    () => builder().constant('c', [2], new Int32Array(2) as never),
    '[constant] data is an Int32Array; it must be a Float32Array or a Uint32Array. Fix: give a Float32Array or a Uint32Array.',
  ],
  [
    'a constant of another size',
    () => builder().constant('c', [2], new Float32Array(3)),
    '[constant] c is a Float32Array; it must be 2 numbers. Fix: give 2 numbers.',
  ],
  [
    'an end of no state',
    () => {
      const g = builder();
      const x = g.state('past', 'f32', [2]);
      g.finish({ outputs: [x], states: { pasts: x } });
    },
    "[finish] there is no state 'pasts'; the states are past. Fix: write 'past'.",
  ],
  [
    'an operator by its name',
    () => builder().node('Add' as never, {}),
    "[node] operator is 'Add'; it must be an operator. Fix: give an operator.",
  ],
  [
    'attributes that are null',
    () => builder().node(add, {}, null as never),
    '[node] attributes is null; it must be an object of values by name. Fix: give an object of values by name.',
  ],
  [
    'facts that are null',
    () => simplify(graph, null as never),
    '[simplify] the argument is null; it must be an object of formats, neutral, rules. Fix: give an object of formats, neutral, rules.',
  ],
  [
    'operators that are none',
    () => findOperator(add as never, '', 'Add'),
    '[findOperator] operators is an object; it must be a list, of which each is an operator. Fix: give a list, of which each is an ' +
      'operator.',
  ],
])('%s is refused', async (_, work, message) => {
  expect(await refusal(work)).toBe(`bad-argument: ${message}`);
});
