import { type KernelCheck, normalNumbers } from '@tilewright/kernels';
import type { CaseData, MatchedCase } from './matched-case.ts';
import { exactly } from './exactly.ts';

const shapes: readonly (readonly [rows: number, columns: number])[] = [1, 128, 512].flatMap((rows) =>
  [512, 2048].map((columns) => [rows, columns] as const),
);
const epsilon = Math.fround(1e-5);

/** Normalisations of rows, and softmax. */
export const rowCases: readonly MatchedCase[] = [
  ...casesOf('LayerNormalization', 'layer-norm', 8, layerNorm),
  ...casesOf('RMSNormalization', 'rms-norm', 4, rmsNorm),
  ...casesOf('Softmax', 'softmax', 5, softmax),
];

type Make = (rows: number, columns: number, oracle: KernelCheck) => CaseData;

function casesOf(op: string, oracle: string, flopsPerElement: number, make: Make): MatchedCase[] {
  return shapes.map(([rows, columns]) => ({
    op,
    case: `rows ${rows}, columns ${columns}`,
    flops: flopsPerElement * rows * columns,
    tolerance: 1e-4,
    oracle,
    make: (check) => make(rows, columns, check),
  }));
}

function layerNorm(rows: number, hidden: number, oracle: KernelCheck): CaseData {
  const x = normalNumbers(rows * hidden, 1);
  const weight = { shape: [hidden], data: normalNumbers(hidden, 2) };
  const bias = { shape: [hidden], data: normalNumbers(hidden, 3) };
  const axes = { rows, hidden };
  return {
    graph: {
      nodes: [
        {
          type: 'LayerNormalization',
          inputs: ['x', 'weight', 'bias'],
          outputs: ['y'],
          attributes: { epsilon: { float: epsilon } },
        },
      ],
      constants: { weight, bias },
      inputs: { x: [rows, hidden] },
      outputs: { y: [rows, hidden] },
    },
    feeds: { x },
    ways: [
      {
        kernel: 'layer-norm',
        inputs: { x: { shape: [rows, hidden], data: x } },
        weights: { weight, bias },
        output: 'y',
      },
    ],
    exact: exactly(oracle, { axes }, { x, weight: weight.data, bias: bias.data }),
  };
}

function rmsNorm(rows: number, hidden: number, oracle: KernelCheck): CaseData {
  const x = normalNumbers(rows * hidden, 1);
  const weight = { shape: [hidden], data: normalNumbers(hidden, 2) };
  return {
    graph: {
      // The peer's name for it, in which its models have it.
      nodes: [
        {
          type: 'SimplifiedLayerNormalization',
          inputs: ['x', 'weight'],
          outputs: ['y'],
          attributes: { axis: -1, epsilon: { float: epsilon } },
        },
      ],
      constants: { weight },
      inputs: { x: [rows, hidden] },
      outputs: { y: [rows, hidden] },
    },
    feeds: { x },
    ways: [
      {
        kernel: 'rms-norm',
        inputs: { x: { shape: [rows, hidden], data: x } },
        weights: { weight },
        output: 'y',
      },
    ],
    exact: exactly(oracle, { axes: { rows, hidden } }, { x, weight: weight.data }),
  };
}

function softmax(rows: number, columns: number, oracle: KernelCheck): CaseData {
  const x = normalNumbers(rows * columns, 1);
  return {
    graph: {
      nodes: [{ type: 'Softmax', inputs: ['x'], outputs: ['y'], attributes: { axis: -1 } }],
      constants: {},
      inputs: { x: [rows, columns] },
      outputs: { y: [rows, columns] },
    },
    feeds: { x },
    ways: [
      { kernel: 'softmax', inputs: { x: { shape: [rows, columns], data: x } }, weights: {}, output: 'y' },
    ],
    exact: exactly(oracle, { axes: { rows, columns } }, { x }),
  };
}
