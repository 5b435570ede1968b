// What else must turn where an orthogonal matrix multiplies the columns of some values, so that a model computes what it did.
import { type Graph, isOf, type Node, type Operator, weightProduct } from '@tilewright/graph';
import { indexGraph } from '@tilewright/graph/unchecked';
import { TilewrightError } from '@tilewright/kernels';
import { storedGain, type StoredGain } from './scale-sites.ts';

/** Which weights change where an orthogonal matrix multiplies the columns of some values, by published name. */
export interface RotationSite {
  /** Columns that turn together: all there are, or those of a head. */
  readonly size: number;
  /** Weights `[outputs, columns]` and `[columns]` that read or are such values: their columns turn. */
  readonly columns: readonly string[];
  /** Weights `[outputs, inputs]` that make them: their rows turn. */
  readonly rows: readonly string[];
  /** Gains `[columns]` on the way, which must be ones: as they are stored, each number is `unit`. */
  readonly gains: readonly StoredGain[];
}

/** An operator whose output turns where its inputs do. A value: who knows of another hands it over. */
export interface TurningOperator {
  readonly operator: Operator;
  /** Roles of what turns, weights among them, each `[…, columns]`. */
  readonly inputs: readonly string[];
  readonly output: string;
  /** The role of a gain that must be ones. */
  readonly gain?: string;
}

/** What is not a weight has no stored gain. */
const notMade = { kind: 'zeros', rows: 0 } as const;

const refusal = (subject: string, problem: string, requirement: string): TilewrightError =>
  new TilewrightError('bad-argument', {
    subject,
    problem,
    requirement,
    fix: 'leave this step out: the model does not allow it',
  });

/**
 * All that turns with `seeds`, in runs of `size` columns. Throws `bad-argument` where something on the way does not turn, naming it;
 * messages speak for `subject`.
 */
export function turnTogether(
  subject: string,
  graph: Graph,
  seeds: readonly string[],
  size: number,
  operators: readonly TurningOperator[],
): RotationSite {
  const index = { ...graph, ...indexGraph(graph) };
  const turned = new Set(seeds);
  const nodes = new Set<Node>();
  const [columns, rows, gains] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const waiting = [...seeds];
  const turn = (value: string): void => {
    if (!turned.has(value)) waiting.push(value);
    turned.add(value);
    if (graph.weights[value]) columns.add(value);
  };
  const through = (node: Node, { inputs, output, gain }: TurningOperator): void => {
    nodes.add(node);
    for (const role of inputs) turn(node.inputs[role]!);
    turn(node.outputs[output]!);
    if (gain !== undefined && node.inputs[gain] !== undefined) gains.add(node.inputs[gain]);
  };
  const refuse = (node: Node, requirement: string): never => {
    throw refusal(subject, `'${node.name}' is a ${node.operator.name}`, requirement);
  };
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    const producer = index.producer.get(value);
    const made = producer && weightProduct(producer, index);
    const makes = operators.find(({ operator }) => isOf(producer, operator));
    if (made) rows.add(made.weight);
    else if (producer && makes && producer.outputs[makes.output] === value) through(producer, makes);
    else if (producer) refuse(producer, 'numbers that turn are made by a product with a weight');
    else if (graph.inputs.includes(value))
      throw refusal(subject, `'${value}' is an input of the graph`, 'what turns is made inside the model');
    // Who reads a weight that turns is looked at once all values are known.
    if (graph.weights[value]) continue;
    for (const consumer of index.consumers.get(value) ?? []) {
      const product = weightProduct(consumer, index);
      const takes = operators.find(({ operator }) => isOf(consumer, operator));
      if (product?.input === value) columns.add(product.weight);
      else if (takes?.inputs.some((role) => consumer.inputs[role] === value)) through(consumer, takes);
      else refuse(consumer, 'numbers that turn are read by a product with a weight');
    }
    if (graph.outputs.includes(value))
      throw refusal(subject, `'${value}' is an output of the graph`, 'what turns stays inside the model');
  }
  const published = (value: string): string => {
    const weight = graph.weights[value]!;
    if (weight.kind === 'stored') return weight.name;
    throw refusal(
      subject,
      `'${value}' is made of what the file holds`,
      'a weight that turns is stored as it is',
    );
  };
  const refuseGain = (value: string): never => {
    throw refusal(subject, `the gain '${value}' is not of one tensor`, 'a gain that is one can be told');
  };
  // A weight that turns must turn for all that read it.
  const checkReaders = (weight: string, isTurned: (input: string, output: string) => boolean): void => {
    for (const view of index.consumers.get(weight) ?? []) {
      if (nodes.has(view)) continue;
      for (const reader of Object.values(view.outputs).flatMap((view) => [
        ...(index.consumers.get(view) ?? []),
      ])) {
        const product = weightProduct(reader, index);
        if (product?.weight !== weight || !isTurned(product.input, Object.values(reader.outputs)[0]!))
          refuse(reader, `it reads '${published(weight)}', which would turn for others`);
      }
    }
  };
  for (const weight of columns) checkReaders(weight, (input) => turned.has(input));
  for (const weight of rows) checkReaders(weight, (_, output) => turned.has(output));
  const names = (values: ReadonlySet<string>): string[] => [...new Set([...values].map(published))];
  return {
    size,
    columns: names(columns),
    rows: names(rows),
    gains: [...gains].map((value) => storedGain(graph.weights[value] ?? notMade) ?? refuseGain(value)),
  };
}
