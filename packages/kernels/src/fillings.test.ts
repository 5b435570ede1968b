// What is handed to the functions that make fillings, tables and lists: no option is passed over, and none is missed.
import { expect, test } from 'vitest';
import * as attention from './attention/index.ts';
import * as cache from './cache/index.ts';
import { TilewrightError } from './contract/errors.ts';
import * as fillings from './fillings.ts';
import { codebook } from './weights/codebook/index.ts';
import { float8, float8Quantizer } from './weights/float8/index.ts';
import { fp4, fp4Quantizer } from './weights/fp4/index.ts';
import { mxfp4, mxfp4Quantizer } from './weights/mxfp4/index.ts';
import { isNf4, nf4, nf4Quantizer } from './weights/nf4/index.ts';
import { nvfp4 } from './weights/nvfp4/index.ts';
import { dense } from './weights/dense/index.ts';
import { integer, integerQuantizer } from './weights/integer/index.ts';
import { nm } from './weights/n-m/index.ts';
import { packBlockSparse } from './products/block-sparse-matmul/index.ts';
import { convolvedTokens } from './grid/conv1d/index.ts';
import { elementwiseFilling } from './pointwise/elementwise/index.ts';
import { ropeTable } from './position/rope/index.ts';

type Options = Readonly<Record<string, unknown>>;
type Make = (options: unknown) => unknown;

const turned = { headSize: 8, positions: 4 };
const paged = { pages: 4, pageSize: 2, tableSize: 2, size: 8 };
const ring = { capacity: 4, size: 8 };
const quantized = { capacity: 4, size: 8, bits: 8 };
const windows = { grid: [4, 4], window: [2, 2] };
const matrix = { queryBlocks: 2, keyBlocks: 2 };

/** What each takes an object of, an example of it, and which of that may be left out. */
const withOptions: Readonly<Record<string, readonly [make: unknown, options: Options, optional?: string]>> = {
  additiveMask: [fillings.additiveMask, { heads: true, queries: true }, 'heads queries'],
  additiveSimilarity: [fillings.additiveSimilarity, { headSize: 8, activation: ['relu', 'x'] }, 'activation'],
  bigBirdBlocks: [
    attention.bigBirdBlocks,
    { radius: 1, globals: [0], random: 1, keyBlocks: 4, seed: 2 },
    'seed',
  ],
  blockLists: [(size: typeof matrix) => attention.blockLists(size, () => true), matrix],
  blockMask: [fillings.blockMask, { size: 4, keySize: 4, ...matrix, heads: true }, 'keySize heads'],
  blockTable: [(size: typeof matrix) => fillings.blockTable(size, () => true), matrix],
  booleanMask: [fillings.booleanMask, { batch: true, columns: 3 }, 'batch columns'],
  checkBlockTable: [
    (pool: never) => cache.checkBlockTable(new Uint32Array(2), pool),
    { pages: 4, pageSize: 2, lengths: [3] },
  ],
  collinearLoadK: [fillings.collinearLoadK, turned],
  collinearLoadQ: [fillings.collinearLoadQ, turned],
  columnGain: [fillings.columnGain, { columns: 8 }],
  expressionEpilogue: [
    fillings.expressionEpilogue,
    { expression: ['relu', 'acc'], operands: {}, columns: 8, id: 'positive' },
    'operands id',
  ],
  foldBilinear: [(sizes: never) => fillings.foldBilinear([1, 2], [1], sizes), { heads: 1, headSize: 1 }],
  gridBias: [fillings.gridBias, { height: 2, width: 3 }],
  gruCell: [
    fillings.gruCell,
    {
      activations: [
        ['sigmoid', 'x'],
        ['tanh', 'x'],
      ],
      bias: true,
      resetAfter: false,
    },
    'activations',
  ],
  keyCounts: [fillings.keyCounts, { shared: true }, 'shared'],
  layerSchedule: [fillings.layerSchedule, { layers: 2, full: [0], window: 3 }],
  lineFilter: [fillings.lineFilter, { bins: 5, isHalf: true }],
  listedKeys: [fillings.listedKeys, { batch: true, heads: 1, queries: false }, 'batch heads queries'],
  logSpacedOffsets: [fillings.logSpacedOffsets, { height: 2, width: 3 }],
  lstmCell: [
    fillings.lstmCell,
    { activations: ['x', 'x', 'x'], bias: true, peepholes: true, couples: false },
    'activations',
  ],
  neighbourhood: [
    fillings.neighbourhood,
    { grid: [5], kernel: 3, dilation: 1, causal: true, edges: 'masked' },
    'dilation causal edges',
  ],
  pageTable: [cache.pageTable, { pages: 4, pageSize: 2 }],
  pagedLoadK: [fillings.pagedLoadK, paged],
  pagedLoadV: [fillings.pagedLoadV, paged],
  priorFittedMask: [fillings.priorFittedMask, { self: true }, 'self'],
  quantizedLoadK: [fillings.quantizedLoadK, quantized],
  quantizedLoadV: [fillings.quantizedLoadV, quantized],
  quantizedPlane: [
    cache.quantizedPlane,
    { ...quantized, groupTokens: 2, groupChannels: 4 },
    'groupTokens groupChannels',
  ],
  relativeProduct: [fillings.relativeProduct, { back: 3, ahead: 1, scale: 2 }, 'ahead scale'],
  ringCapacity: [fillings.ringCapacity, { windowLeft: 3, chunk: 2 }, 'chunk'],
  ringLoadK: [fillings.ringLoadK, ring],
  ringLoadV: [fillings.ringLoadV, ring],
  ropeCacheEpilogue: [
    fillings.ropeCacheEpilogue,
    { heads: 2, kvHeads: 1, headSize: 8, rotary: 4, capacity: 4, positions: 4 },
    'rotary positions',
  ],
  rnnCell: [fillings.rnnCell, { activations: [['relu', 'x']], bias: false }, 'activations'],
  ropeLoadK: [fillings.ropeLoadK, { ...turned, rotary: 4, interleaved: true }, 'rotary interleaved'],
  ropeLoadQ: [fillings.ropeLoadQ, turned],
  sentinelSpans: [(tokens: never) => fillings.sentinelSpans([0, 1], tokens), { open: 7, close: 8 }],
  shiftedWindowMask: [fillings.shiftedWindowMask, { ...windows, shift: [1, 1] }],
  skipAndGate: [fillings.skipAndGate, { skip: true, gate: true }],
  spectrumFilter: [
    fillings.spectrumFilter,
    { count: 5, outer: [], inner: [{ size: 2, stride: 0 }], stride: 1, isHalf: true },
  ],
  stateSpaceGates: [fillings.stateSpaceGates, { softplus: true, bias: false }],
  t5BiasTable: [
    (sizes: never) => fillings.t5BiasTable(new Float32Array(32), sizes),
    { heads: 1, reach: 2, buckets: 32, bidirectional: false, maxDistance: 128 },
    'buckets bidirectional maxDistance',
  ],
  t5Bucket: [
    (sizes: never) => fillings.t5Bucket(3, sizes),
    { buckets: 32, bidirectional: false, maxDistance: 128 },
    'buckets bidirectional maxDistance',
  ],
  treeMask: [fillings.treeMask, { nodes: 3, batch: true }, 'batch'],
  treeSegments: [
    attention.treeSegments,
    { tokens: 4, sizes: [2, 1], refined: [[0]], exact: [] },
    'refined exact',
  ],
  windowOrder: [attention.windowOrder, { ...windows, dilated: true }, 'dilated'],
  xposTables: [
    fillings.xposTables,
    { ...turned, scaleBase: 512, gamma: 0.4, theta: 100 },
    'scaleBase gamma theta',
  ],
};

/** Of other modules: formats and helpers of single kernels. */
const elsewhere: typeof withOptions = {
  convolvedTokens: [(options: never) => convolvedTokens(9, 3, options), { stride: '2' }, 'stride'],
  elementwiseFilling: [
    elementwiseFilling,
    { expression: ['relu', 'x'], columns: 8, operands: { x: 'full' }, inPlace: 'x' },
    'operands inPlace',
  ],
  codebook: [codebook, { bits: 4, group: 64, scale: 'f32' }, 'bits group scale'],
  float8: [float8, { float: 'e5m2', group: 64, scale: 'f16' }, 'float group scale'],
  float8Quantizer: [float8Quantizer, { float: 'e5m2', group: 64, scale: 'search' }, 'float group scale'],
  fp4: [fp4, { group: 64, scale: 'f32', places: 'flat' }, 'group scale places'],
  fp4Quantizer: [fp4Quantizer, { group: 64, scale: 'search' }, 'group scale'],
  integer: [
    integer,
    { bits: 4, group: 64, zeroPoint: true, scale: 'bf16', places: 'flat' },
    'group zeroPoint scale places',
  ],
  integerQuantizer: [integerQuantizer, { bits: 4, group: 64, scale: 'search' }, 'group scale'],
  mxfp4: [mxfp4, { group: 64, scale: 'f16', places: 'rows' }, 'group scale places'],
  mxfp4Quantizer: [mxfp4Quantizer, { group: 64, scale: 'search' }, 'group scale'],
  nf4: [nf4, { group: 64, scale: 'f32', places: 'flat' }, 'group scale places'],
  nf4Quantizer: [nf4Quantizer, { group: 64, scale: 'search' }, 'group scale'],
  nm: [nm, { n: 2, m: 4, values: dense('f16') }],
  nvfp4: [nvfp4, { divides: true }, 'divides'],
  packBlockSparse: [
    (parameters: never) => packBlockSparse(new Float32Array(16), [4, 4], parameters),
    { height: 4, width: 4, dtype: 'f16' },
    'height width dtype',
  ],
  ropeTable: [
    ropeTable,
    { ...turned, rotary: 4, theta: 100, trainedPositions: 4 },
    'rotary theta trainedPositions',
  ],
};

/** What takes no object of options, and what a call without sense of it is told. */
const positional: Readonly<Record<string, readonly [call: () => unknown, sentence: string]>> = {
  atOriginalPositions: [
    () => fillings.atOriginalPositions(fillings.relativeBias as never),
    '[atOriginalPositions] score is a function; it joins fillings of one slot, each of which defines fn score. Fix: call it: ' +
      'relativeBias(…).',
  ],
  bandBlocks: [
    () => fillings.bandBlocks(NaN),
    '[bandBlocks] radius is NaN; it must be an integer from 0 on. Fix: give an integer from 0 on.',
  ],
  bothMasks: [
    () => fillings.bothMasks(fillings.prefixMask, fillings.alibi as never),
    "[bothMasks] b is 'alibi', which does not define fn b_tile(…); it joins fillings of one slot, each of which defines fn b " +
      'and fn b_tile. Fix: give a filling of that slot.',
  ],
  checkBlockLists: [
    () => attention.checkBlockLists({ starts: Uint32Array.of(0, 2), keys: Uint32Array.of(0) }, 2),
    'block',
  ],
  checkLengths: [
    () => attention.checkLengths([NaN], 2),
    '[attention lengths] batch row 0 has NaN tokens, and there is room for 2; what lies past the room is never attended to. ' +
      'Fix: give a smaller number, or a tensor with more room.',
  ],
  cutFront: [
    () => fillings.cutFront(-1),
    '[cutFront] count is -1; it must be an integer from 0 on. Fix: give an integer from 0 on.',
  ],
  factorBack: [
    () => fillings.factorBack('own ' as never),
    "[factorBack] order is 'own '; it must be 'own' or 'folded' or 'interleaved'. Fix: give 'own' or 'folded' or 'interleaved'.",
  ],
  factorFront: [() => fillings.factorFront(undefined as never), '[factorFront] order is undefined'],
  gatedActivation: [
    () => fillings.gatedActivation(['mul', 'gate', 'x']),
    "[gatedActivation] the operand 'x'",
  ],
  gatedOutput: [
    () => fillings.gatedOutput(undefined as never),
    '[gatedOutput] valueSize is undefined; it must be a positive integer. Fix: give a positive integer.',
  ],
  globalBlocks: [
    () => fillings.globalBlocks(-1),
    '[globalBlocks] first is -1; it must be an integer from 0 on. Fix: give an integer from 0 on.',
  ],
  impulseFront: [
    () => fillings.impulseFront(-1),
    '[impulseFront] place is -1; it must be an integer from 0 on. Fix: give an integer from 0 on.',
  ],
  kroneckerMask: [
    () => fillings.kroneckerMask({ series: 2 } as never),
    '[kroneckerMask] series is an object; it must be a positive integer. Fix: give a positive integer.',
  ],
  leakyReluScore: [
    () => fillings.leakyReluScore('0.2' as never),
    "[leakyReluScore] slope is '0.2'; it must be a finite number. Fix: give a finite number.",
  ],
  packedStarts: [() => attention.packedStarts([1.5]), '[attention lengths] batch row 0 has 1.5 tokens'],
  queryBias: [
    () => fillings.queryBias(0),
    '[queryBias] headSize is 0; it must be a positive integer. Fix: give a positive integer.',
  ],
  randomBlocks: [
    () => fillings.randomBlocks(1, undefined as never),
    '[randomBlocks] keyBlocks is undefined; it must be a positive integer. Fix: give a positive integer.',
  ],
  relativeBias: [
    () => fillings.relativeBias(2.5),
    '[relativeBias] reach is 2.5; it must be an integer from 0 on. Fix: give an integer from 0 on.',
  ],
  relativeFactor: [
    () => fillings.relativeFactor(-1),
    '[relativeFactor] reach is -1; it must be an integer from 0 on. Fix: give an integer from 0 on.',
  ],
  rmsObserve: [
    () => fillings.rmsObserve(1e-5, undefined as never),
    '[rmsObserve] k is undefined; it must be a positive integer. Fix: give a positive integer.',
  ],
  scoreClamp: [
    () => fillings.scoreClamp(-1, Infinity),
    '[scoreClamp] high is Infinity; it must be a finite number. Fix: give a finite number.',
  ],
  scoresInTurn: [
    () => fillings.scoresInTurn(fillings.alibi, undefined as never),
    '[scoresInTurn] b is undefined; it joins fillings of one slot, each of which defines fn b. Fix: give a filling of that slot.',
  ],
  shiftBack: [
    () => fillings.shiftBack(0.5),
    '[shiftBack] first is 0.5; it must be an integer from 0 on. Fix: give an integer from 0 on.',
  ],
  sigmoidWeight: [
    () => fillings.sigmoidWeight(undefined as never),
    '[sigmoidWeight] bias is undefined; it must be a finite number. Fix: give a finite number.',
  ],
  sparseFixedBlocks: [
    () => attention.sparseFixedBlocks(0),
    '[sparseFixedBlocks] stride is 0; it must be a positive integer. Fix: give a positive integer.',
  ],
  sparseStridedBlocks: [
    () => attention.sparseStridedBlocks(NaN),
    '[sparseStridedBlocks] stride is NaN; it must be a positive integer. Fix: give a positive integer.',
  ],
  stridedBlocks: [
    () => fillings.stridedBlocks(1.5),
    '[stridedBlocks] stride is 1.5; it must be a positive integer. Fix: give a positive integer.',
  ],
  sumRatio: [
    () => fillings.sumRatio(undefined as never),
    '[sumRatio] epsilon is undefined; it must be a finite number. Fix: give a finite number.',
  ],
  treeAncestors: [() => fillings.treeAncestors([0]), '[treeAncestors] node 0 has parent 0'],
};

/** Of numbers, patterns and lists, which TypeScript's types say all of. */
const plain = [
  'anyPattern',
  'cachedKeys',
  'chosenBlocks',
  'dequantizedRow',
  'kroneckerBlocks',
  'listedBlocks',
];
const plainToo = ['longformerBlocks', 'maskShapeOf', 'otherBlocks'];

const messageOf = (call: () => unknown): string => {
  try {
    call();
  } catch (error) {
    if (error instanceof TilewrightError) return error.message;
    throw error;
  }
  return 'nothing was thrown';
};

test('every function that a caller makes a filling, a table or a list with is here', () => {
  const functions = Object.entries({ ...fillings, ...attention, ...cache }).flatMap(([name, value]) =>
    typeof value === 'function' ? [name] : [],
  );
  const listed = [...Object.keys({ ...withOptions, ...positional }), ...plain, ...plainToo];
  expect(listed.toSorted()).toEqual(functions.toSorted());
  expect(isNf4(nf4())).toBe(true);
});

test.each(Object.entries({ ...withOptions, ...elsewhere }))(
  '%s takes only what it reads',
  (_, [make, options]) => {
    expect(messageOf(() => (make as Make)(options))).toBe('nothing was thrown');
    const wrong = messageOf(() => (make as Make)({ ...options, strange: 1 }));
    expect(wrong).toMatch(/^\[[^\]]+\] there is no option 'strange'; known are .+\. Fix: /);
    for (const name of Object.keys(options)) {
      const { [name]: value, ...rest } = options;
      expect(messageOf(() => (make as Make)({ ...rest, [`${name}s`]: value }))).toContain(
        `there is no option '${name}s'`,
      );
      expect(messageOf(() => (make as Make)({ ...rest, [`${name}s`]: value }))).toContain(
        `Fix: write '${name}'`,
      );
    }
    expect(messageOf(() => (make as Make)(null))).toContain('the argument is null; it must be an object of ');
  },
);

test.each(Object.entries({ ...withOptions, ...elsewhere }))(
  '%s misses what it needs',
  (_, [make, options, optional = '']) => {
    const canBeLeftOut = optional.split(' ');
    for (const name of Object.keys(options)) {
      const { [name]: _value, ...rest } = options;
      const message = messageOf(() => (make as Make)(rest));
      if (canBeLeftOut.includes(name)) expect(message).toBe('nothing was thrown');
      else expect(message).toContain(`${name} is undefined; it must be `);
    }
  },
);

test.each(Object.entries(positional))('%s takes what it can use', (_, [call, sentence]) => {
  expect(messageOf(call)).toContain(sentence);
});

test('the whole sentences', () => {
  expect(
    messageOf(() => fillings.lstmCell({ activations: ['x'], bias: true, peepholes: false, couples: false })),
  ).toBe('[lstmCell] there are 1 activations; a direction has 3, both have 6. Fix: give 3 or 6.');
  expect(messageOf(() => fillings.rnnCell({ activations: [['relu', 'y']], bias: true }))).toBe(
    "[rnnCell] the activation relu(y) reads 'y'; its operand is x. Fix: write x.",
  );
  expect(messageOf(() => fillings.gruCell({ bias: true, resetAfter: 1 } as never))).toBe(
    '[gruCell] resetAfter is 1; it must be true or false. Fix: give true or false.',
  );
  expect(messageOf(() => fillings.booleanMask({ query: true } as never))).toBe(
    "[booleanMask] there is no option 'query'; known are batch, heads, queries, keys, columns. Fix: write 'queries'.",
  );
  expect(messageOf(() => fillings.ropeLoadQ({ headSize: 8 } as never))).toBe(
    '[ropeLoadQ] positions is undefined; it must be a positive integer. Fix: give a positive integer.',
  );
  expect(messageOf(() => fillings.treeMask({ nodes: 4, batch: 1 } as never))).toBe(
    '[treeMask] batch is 1; it must be true or false. Fix: give true or false.',
  );
  expect(messageOf(() => fillings.listedKeys({ heads: 'kv' } as never))).toBe(
    "[listedKeys] heads is 'kv'; it must be 'heads' or 'kv_heads' or 1. Fix: give 'heads' or 'kv_heads' or 1.",
  );
  expect(messageOf(() => fillings.pagedLoadK(undefined as never))).toBe(
    '[pagedLoadK] the argument is undefined; it must be an object of pages, pageSize, tableSize, size. Fix: give an object of ' +
      'pages, pageSize, tableSize, size.',
  );
});
