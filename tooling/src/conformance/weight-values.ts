// Whether a tensor's numbers are those that are wanted: on the host to the bit, on the device within two units in the last place.
import { embedding } from '@tilewright/kernels/embedding';
import type { HostTensor } from '@tilewright/kernels';
import { unpack } from '@tilewright/kernels/weights';
import { dense, denseDType, packF32 } from '@tilewright/kernels/weights/dense';
import { weightCodecs } from '@tilewright/kernels/weights/registry';
import { type Device, runKernel } from '@tilewright/runtime';
import type { CaseResult } from './run-case.ts';

export type Outcome = Pick<CaseResult, 'status' | 'worstError' | 'reason'>;

/** Units in the last place that a device may be off: products that are fused or not, and numbers of its own. */
const bound = 2;
const smallestNormal = 2 ** -126;

/** Both NaN, or the same number; zeros of either sign are the same. */
const isSame = (got: number, want: number): boolean =>
  got === want || (Number.isNaN(got) && Number.isNaN(want));

/** What two numbers differ by, in units in the last place of the wanted one; a device may flush what is subnormal. */
function ulps(got: number, want: number): number {
  if (isSame(got, want) || (got === 0 && Math.abs(want) < smallestNormal)) return 0;
  if (!Number.isFinite(got) || !Number.isFinite(want)) return Infinity;
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(want))));
  return Math.abs(got - want) / 2 ** (exponent - 23);
}

/** A tensor on the host and, read row by row as an embedding reads its table, on the device. */
export async function comparedValues(device: Device, host: HostTensor, want: Float32Array): Promise<Outcome> {
  const failed = (reason: string, worstError: number | null = null): Outcome => ({
    status: 'failed',
    worstError,
    reason,
  });
  const values = unpack(host, weightCodecs);
  if (values.length !== want.length)
    return failed(`${values.length} numbers came out, ${want.length} are wanted`);
  const wrong = values.findIndex((value, i) => !isSame(value, want[i]!));
  if (wrong >= 0)
    return failed(
      `${host.format.name}: number ${wrong} is ${values[wrong]} instead of ${want[wrong]} on the host`,
    );
  const got = await onDevice(device, host);
  let [worst, at] = [0, -1];
  for (let i = 0; i < want.length; i++) {
    const error = ulps(got[i]!, want[i]!);
    if (error > worst) [worst, at] = [error, i];
  }
  if (worst <= bound) return { status: 'passed', worstError: worst, reason: '' };
  return failed(
    `${host.format.name}: number ${at} is ${got[at]} instead of ${want[at]} on the device, ${worst} units in the last place`,
    worst,
  );
}

async function onDevice(device: Device, host: HostTensor): Promise<ArrayLike<number>> {
  const [vocab, hidden] = host.shape as [number, number];
  // What no kernel reads is stored as f32 where a model is opened.
  const isWide = denseDType(host.format) !== undefined && !host.format.reader;
  const table = device.weight(isWide ? packF32(unpack(host, weightCodecs), host.shape) : host);
  const ids = device.tensor(
    [vocab],
    Uint32Array.from({ length: vocab }, (_, row) => row),
  );
  const { y } = await runKernel(device, embedding, {
    inputs: { table, ids },
    axes: { tokens: vocab, vocab, hidden },
    formats: { table: isWide ? dense('f32') : host.format },
  });
  try {
    return await y.read();
  } finally {
    for (const tensor of [table, ids, y]) tensor.dispose();
  }
}
