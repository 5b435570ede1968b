import { roundUp, TilewrightError } from '@tilewright/kernels';
import type { KernelCall } from './ir.ts';

export type BufferKind = 'weight' | 'constant' | 'state' | 'input' | 'output' | 'arena';

/** A buffer that a compiled graph needs; its size is exactly what will be allocated. */
export interface PlannedBuffer {
  readonly kind: BufferKind;
  readonly sizeBytes: number;
}

export interface Placement {
  readonly buffer: string;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

export interface MemoryPlan {
  readonly buffers: Readonly<Record<string, PlannedBuffer>>;
  /** Where each value and each scratch buffer (`<call index>/<name>`) lies. */
  readonly placements: Readonly<Record<string, Placement>>;
}

/** A value that needs room. Values that alias a state share its `root`. */
export interface Storage {
  readonly root: string;
  readonly kind: BufferKind;
  readonly sizeBytes: number;
}

/** Offsets of bindings are multiples of this on every WebGPU device. */
const alignment = 256;

export const allocatedBytes = (sizeBytes: number): number => Math.max(16, roundUp(sizeBytes, 16));

interface Interval {
  readonly name: string;
  readonly sizeBytes: number;
  readonly first: number;
  last: number;
}

interface Placed {
  readonly interval: Interval;
  readonly offset: number;
}

/**
 * Places everything. Persistent values get buffers of their own. Temporaries share a few arenas: two temporaries that one
 * dispatch binds, one of them writable, are never in the same buffer (WebGPU tracks usage per buffer), and temporaries
 * that live at the same time never overlap. A temporary that would make an arena larger than `largestBuffer` bytes gets
 * another one.
 */
export function planMemory(
  calls: readonly KernelCall[],
  storageOf: (value: string) => Storage,
  scratchBytes: (call: KernelCall, name: string) => number,
  largestBuffer: number = Infinity,
): MemoryPlan {
  const buffers: Record<string, PlannedBuffer> = {};
  const placements: Record<string, Placement> = {};
  const intervals = new Map<string, Interval>();
  const conflicts = new Map<string, Set<string>>();

  const touch = (name: string, sizeBytes: number, call: number): void => {
    const known = intervals.get(name);
    if (known) known.last = call;
    else intervals.set(name, { name, sizeBytes, first: call, last: call });
  };
  const separate = (a: string, b: string): void => {
    if (a === b) return;
    conflicts.set(a, (conflicts.get(a) ?? new Set()).add(b));
    conflicts.set(b, (conflicts.get(b) ?? new Set()).add(a));
  };

  calls.forEach((call, index) => {
    const temporaries: { name: string; written: boolean }[] = [];
    for (const { name, role, access } of call.program.bindings) {
      const written = access === 'read_write';
      if (role === 'scratch') {
        const scratch = scratchName(index, name);
        touch(scratch, scratchBytes(call, name), index);
        temporaries.push({ name: scratch, written });
        continue;
      }
      const value = call.bindings[name]!;
      const { root, kind, sizeBytes } = storageOf(value);
      if (kind === 'arena') {
        touch(root, sizeBytes, index);
        temporaries.push({ name: root, written });
        continue;
      }
      const buffer = `${kind} ${root}`;
      buffers[buffer] = { kind, sizeBytes: allocatedBytes(sizeBytes) };
      placements[value] = { buffer, offsetBytes: 0, sizeBytes };
    }
    for (const a of temporaries) for (const b of temporaries) if (a.written) separate(a.name, b.name);
  });

  placeInArenas([...intervals.values()], conflicts, largestBuffer, buffers, placements);
  return { buffers, placements };
}

export const scratchName = (call: number, name: string): string => `${call}/${name}`;

function placeInArenas(
  intervals: readonly Interval[],
  conflicts: ReadonlyMap<string, ReadonlySet<string>>,
  largestBuffer: number,
  buffers: Record<string, PlannedBuffer>,
  placements: Record<string, Placement>,
): void {
  const arenas: Arena[] = [];
  const arenaOf = new Map<string, number>();
  for (const interval of [...intervals].sort((a, b) => b.sizeBytes - a.sizeBytes || a.first - b.first)) {
    const closed = new Set(Array.from(conflicts.get(interval.name) ?? [], (name) => arenaOf.get(name)));
    let index = 0;
    let offset = 0;
    for (; index < arenas.length; index++) {
      if (closed.has(index)) continue;
      offset = freeOffset(aliveDuring(arenas[index]!, interval), interval);
      if (offset + interval.sizeBytes <= largestBuffer) break;
    }
    if (index === arenas.length) {
      arenas.push({ aliveAt: new Map(), endBytes: 0 });
      offset = 0;
    }
    const arena = arenas[index]!;
    arenaOf.set(interval.name, index);
    put(arena, { interval, offset });
    placements[interval.name] = {
      buffer: `arena ${index}`,
      offsetBytes: offset,
      sizeBytes: interval.sizeBytes,
    };
  }
  arenas.forEach(({ endBytes }, index) => {
    buffers[`arena ${index}`] = {
      kind: 'arena',
      sizeBytes: allocatedBytes(endBytes),
    };
  });
}

/** What lies in an arena, by the calls during which it is alive: few temporaries live long, so looking there is cheap. */
interface Arena {
  readonly aliveAt: Map<number, Placed[]>;
  endBytes: number;
}

function put(arena: Arena, placed: Placed): void {
  const { first, last, sizeBytes } = placed.interval;
  for (let call = first; call <= last; call++) {
    const known = arena.aliveAt.get(call);
    if (known) known.push(placed);
    else arena.aliveAt.set(call, [placed]);
  }
  arena.endBytes = Math.max(arena.endBytes, placed.offset + sizeBytes);
}

function aliveDuring({ aliveAt }: Arena, { first, last }: Interval): ReadonlySet<Placed> {
  const alive = new Set<Placed>();
  for (let call = first; call <= last; call++)
    for (const placed of aliveAt.get(call) ?? []) alive.add(placed);
  return alive;
}

/** The lowest aligned offset at which nothing of `alive` lies. */
function freeOffset(alive: ReadonlySet<Placed>, interval: Interval): number {
  let offset = 0;
  for (const rival of [...alive].sort((a, b) => a.offset - b.offset)) {
    if (offset + interval.sizeBytes <= rival.offset) break;
    offset = Math.max(offset, roundUp(rival.offset + rival.interval.sizeBytes, alignment));
  }
  return offset;
}

/**
 * Proves, without a device, that no dispatch binds a buffer twice when one of the bindings writes, and that temporaries
 * alive together do not overlap. Throws `invariant`.
 */
export function checkMemory(
  plan: MemoryPlan,
  calls: readonly KernelCall[],
  rootOf: (value: string) => string,
): void {
  const spans = new Map<string, Span>();
  calls.forEach((call, index) => {
    const bound = call.program.bindings.map(({ name, role, access }) => {
      const key = role === 'scratch' ? scratchName(index, name) : rootOf(call.bindings[name]!);
      const placement = plan.placements[key] ?? plan.placements[call.bindings[name]!]!;
      const span = spans.get(key);
      if (span) span.last = index;
      else spans.set(key, { first: index, last: index, placement });
      return { name, access, placement };
    });
    for (const a of bound)
      for (const b of bound)
        if (a !== b && a.access === 'read_write' && a.placement.buffer === b.placement.buffer)
          throw new TilewrightError('invariant', {
            subject: call.label,
            problem: `'${a.name}' is written in ${a.placement.buffer}, which '${b.name}' is bound to as well`,
            requirement: 'WebGPU allows no second binding of a buffer that a dispatch writes',
          });
  });
  // In the order in which they come alive, only those that still live can be in the way.
  const alive = new Map<string, Map<string, Span>>();
  for (const [name, span] of [...spans].sort(([, a], [, b]) => a.first - b.first)) {
    const { buffer } = span.placement;
    const rivals = alive.get(buffer) ?? new Map<string, Span>();
    alive.set(buffer, rivals);
    for (const [other, rival] of rivals)
      if (rival.last < span.first) rivals.delete(other);
      else if (overlap(rival.placement, span.placement))
        throw new TilewrightError('invariant', {
          subject: 'memory plan',
          problem: `'${[name, other].sort().join("' and '")}' overlap in ${buffer} while both are alive`,
        });
    rivals.set(name, span);
  }
}

interface Span {
  readonly first: number;
  last: number;
  readonly placement: Placement;
}

const overlap = (a: Placement, b: Placement): boolean =>
  a.offsetBytes < b.offsetBytes + b.sizeBytes && b.offsetBytes < a.offsetBytes + a.sizeBytes;
