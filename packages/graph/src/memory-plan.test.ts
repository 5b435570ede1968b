// Memory plans of random call lists, and what the check says of broken ones. No GPU.
import { isTilewrightError, type ProgramBinding, roundUp } from '@tilewright/kernels';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KernelCall } from './ir.ts';
import { checkMemory, type MemoryPlan, planMemory, scratchName, type Storage } from './memory-plan.ts';

/** A call as memory sees it: values by what happens to them. */
interface Sketch {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** Sizes of its scratch buffers. */
  readonly scratch?: readonly number[];
}

function callOf({ reads, writes, scratch = [] }: Sketch, index: number): KernelCall {
  const bindings: ProgramBinding[] = [
    ...reads.map((_, i) => ({ name: `in${i}`, role: 'input', access: 'read' }) as const),
    ...writes.map((_, i) => ({ name: `out${i}`, role: 'output', access: 'read_write' }) as const),
    ...scratch.map((_, i) => ({ name: `s${i}`, role: 'scratch', access: 'read_write' }) as const),
  ];
  return {
    label: `call ${index}`,
    program: {
      kernel: 'sketch',
      plan: { variant: 'baseline' },
      wgsl: '',
      requires: [],
      bindings,
      uniforms: [],
      scratch: scratch.map((sizeBytes, i) => ({ name: `s${i}`, sizeBytes })),
      dispatches: [
        {
          entryPoint: 'main',
          workgroups: 1,
          bindings: bindings.map(({ name }) => name),
        },
      ],
    },
    bindings: Object.fromEntries([
      ...reads.map((value, i) => [`in${i}`, value]),
      ...writes.map((value, i) => [`out${i}`, value]),
    ]),
    sizes: {},
    addressedBytes: {},
    flops: 0,
  };
}

const scratchBytes = (call: KernelCall, name: string): number =>
  Number(call.program.scratch.find((each) => each.name === name)!.sizeBytes);
const itself = (value: string): string => value;

/** Calls that read what earlier ones wrote; the values from `kept` on are outputs, the others temporaries. */
const programs = fc
  .array(
    fc.record({
      size: fc.integer({ min: 1, max: 5000 }),
      reads: fc.array(fc.nat(), { maxLength: 3 }),
      scratch: fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 2 }),
      output: fc.boolean(),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((steps) => {
    const sizes = new Map([['x', 64]]);
    const kinds = new Map<string, Storage['kind']>([['x', 'input']]);
    const calls = steps.map(({ size, reads, scratch, output }, i) => {
      const known = [...sizes.keys()];
      const call = callOf(
        {
          reads: [...new Set(reads.map((at) => known[at % known.length]!))],
          writes: [`v${i}`],
          scratch,
        },
        i,
      );
      sizes.set(`v${i}`, size);
      kinds.set(`v${i}`, output ? 'output' : 'arena');
      return call;
    });
    const storageOf = (root: string): Storage => ({
      root,
      kind: kinds.get(root)!,
      sizeBytes: sizes.get(root)!,
    });
    return { calls, storageOf };
  });

/** Bytes of temporaries that some call binds while others wait to be read: what no plan goes below. */
function mostAlive({ calls, storageOf }: { calls: KernelCall[]; storageOf: (v: string) => Storage }): number {
  const spans = new Map<string, { size: number; first: number; last: number }>();
  calls.forEach((call, index) => {
    for (const { name, role } of call.program.bindings) {
      const value = role === 'scratch' ? scratchName(index, name) : call.bindings[name]!;
      if (role !== 'scratch' && storageOf(value).kind !== 'arena') continue;
      const size = role === 'scratch' ? scratchBytes(call, name) : storageOf(value).sizeBytes;
      spans.set(value, {
        size,
        first: spans.get(value)?.first ?? index,
        last: index,
      });
    }
  });
  return Math.max(
    ...calls.map((_, i) =>
      [...spans.values()].reduce(
        (sum, { size, first, last }) => sum + (first <= i && i <= last ? size : 0),
        0,
      ),
    ),
  );
}

describe('plans of random programs', () => {
  test('pass their check, and lie between what is alive at once and everything side by side', () => {
    fc.assert(
      fc.property(programs, (program) => {
        const { calls, storageOf } = program;
        const plan = planMemory(calls, storageOf, scratchBytes);
        checkMemory(plan, calls, itself);
        const arenas = Object.values(plan.buffers).filter(({ kind }) => kind === 'arena');
        const planned = arenas.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
        const sideBySide = Object.values(plan.placements)
          .filter(({ buffer }) => plan.buffers[buffer]!.kind === 'arena')
          .reduce((sum, { sizeBytes }) => sum + roundUp(sizeBytes, 256), 0);
        expect(planned).toBeGreaterThanOrEqual(mostAlive(program));
        expect(planned).toBeLessThanOrEqual(sideBySide);
      }),
    );
  });

  test('bind aligned slices inside their buffers', () => {
    fc.assert(
      fc.property(programs, ({ calls, storageOf }) => {
        const plan = planMemory(calls, storageOf, scratchBytes);
        for (const { buffer, offsetBytes, sizeBytes } of Object.values(plan.placements)) {
          expect(offsetBytes % 256).toBe(0);
          expect(offsetBytes + sizeBytes).toBeLessThanOrEqual(plan.buffers[buffer]!.sizeBytes);
        }
      }),
    );
  });
});

test('no arena grows beyond the largest buffer', () => {
  const most = 8192;
  fc.assert(
    fc.property(programs, ({ calls, storageOf }) => {
      const plan = planMemory(calls, storageOf, scratchBytes, most);
      checkMemory(plan, calls, itself);
      for (const { sizeBytes } of Object.values(plan.buffers)) expect(sizeBytes).toBeLessThanOrEqual(most);
    }),
  );
});

test('a chain needs two arenas, however long it is', () => {
  const calls = Array.from({ length: 10 }, (_, i) =>
    callOf({ reads: [i === 0 ? 'x' : `v${i - 1}`], writes: [`v${i}`] }, i),
  );
  const storageOf = (root: string): Storage => ({
    root,
    kind: root === 'x' ? 'input' : 'arena',
    sizeBytes: 1000,
  });
  const { buffers } = planMemory(calls, storageOf, scratchBytes);
  expect(buffers).toEqual({
    'input x': { kind: 'input', sizeBytes: 1008 },
    'arena 0': { kind: 'arena', sizeBytes: 1008 },
    'arena 1': { kind: 'arena', sizeBytes: 1008 },
  });
});

describe('the check finds', () => {
  const calls = [
    callOf({ reads: ['x'], writes: ['a'] }, 0),
    callOf({ reads: ['a'], writes: ['b'] }, 1),
    callOf({ reads: ['a', 'b'], writes: ['y'] }, 2),
  ];
  const sound = planMemory(
    calls,
    (root) => ({
      root,
      kind: root === 'x' ? 'input' : root === 'y' ? 'output' : 'arena',
      sizeBytes: 100,
    }),
    scratchBytes,
  );
  const messageOf = (placements: MemoryPlan['placements']): string => {
    try {
      checkMemory({ ...sound, placements: { ...sound.placements, ...placements } }, calls, itself);
    } catch (error) {
      if (!isTilewrightError(error)) throw error;
      return `${error.code}: ${error.message}`;
    }
    return 'nothing was thrown';
  };

  test('nothing in a sound plan', () => {
    expect(messageOf({})).toBe('nothing was thrown');
  });
  test('a buffer that a dispatch writes and reads', () => {
    const { buffer } = sound.placements.a!;
    expect(messageOf({ b: { buffer, offsetBytes: 256, sizeBytes: 100 } })).toBe(
      `invariant: [call 1] 'out0' is written in ${buffer}, which 'in0' is bound to as well; ` +
        'WebGPU allows no second binding of a buffer that a dispatch writes.',
    );
  });
  test('temporaries that overlap while both are needed', () => {
    // No dispatch writes one while it binds the other, but `b` is made while `a` waits to be read.
    const crossing = [
      callOf({ reads: ['x'], writes: ['a'] }, 0),
      callOf({ reads: ['x'], writes: ['b'] }, 1),
      callOf({ reads: ['a', 'b'], writes: ['y'] }, 2),
    ];
    const at = (offsetBytes: number) => ({
      buffer: 'arena 0',
      offsetBytes,
      sizeBytes: 300,
    });
    const plan = (offsetBytes: number): MemoryPlan => ({
      ...sound,
      placements: { ...sound.placements, a: at(0), b: at(offsetBytes) },
    });
    expect(() => checkMemory(plan(256), crossing, itself)).toThrow(
      "[memory plan] 'a' and 'b' overlap in arena 0 while both are alive.",
    );
    expect(checkMemory(plan(512), crossing, itself)).toBeUndefined();
  });
});
