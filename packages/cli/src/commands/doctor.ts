import { selectAdapter } from '@tilewright/bench/adapter';
import { caseName, checkCase } from '@tilewright/bench/verify';
import { type Capabilities, type CheckCase, isTilewrightError, type KernelCheck } from '@tilewright/kernels';
import { registry } from '@tilewright/kernels/registry';
import { type Device, openDevice } from '@tilewright/runtime';
import { jsonOutput } from '@tilewright/bench/process';
import { createProgress, paint, type Terminal } from '../terminal.ts';
import type { AdapterFlags } from './options.ts';

/** What the command line says. */
export interface DoctorFlags extends AdapterFlags {
  readonly json?: string;
}

/** Kernels that between them use every kind of memory access, reduction and layout decoding the others do. */
const examined: readonly string[] = ['rms-norm', 'softmax', 'gemv', 'matmul', 'decode-attention', 'argmax'];

interface Examination {
  readonly kernel: string;
  readonly case: string;
  readonly passed: boolean;
  readonly error: number | null;
  readonly message: string;
}

/** `tilewright doctor`: prints what the adapter offers and how kernels fare on it; false where one is wrong. */
export async function examine(screen: Terminal, flags: DoctorFlags, signal: AbortSignal): Promise<boolean> {
  const { terminal, save: saveJson } = jsonOutput(flags.json, screen);
  const say = (line: string): void => terminal.error(`${line}\n`);
  const selected = await selectAdapter({ choice: flags.adapter, system: flags.system, log: say });
  const device = await openDevice();
  try {
    terminal.out(`${selected.line}\n${describe(device)}`);
    const ruledOut = consequences(device.capabilities);
    for (const line of ruledOut) terminal.out(`  ${line}\n`);
    const examinations = await selfCheck(terminal, device, signal);
    const failed = examinations.filter(({ passed }) => !passed);
    for (const { kernel, case: name, passed, error, message } of examinations)
      terminal.out(
        passed
          ? `${paint(terminal, 'green', 'right')}  ${kernel} (${name}), error ${error!.toExponential(1)}\n`
          : `${paint(terminal, 'red', 'WRONG')}  ${kernel} (${name}): ${message}\n`,
      );
    terminal.out(
      failed.length === 0
        ? 'All is well.\n'
        : `${failed.length} of ${examinations.length} kernels are wrong on this adapter: update its driver, or use another with --adapter lavapipe or swiftshader.\n`,
    );
    const { adapter, capabilities } = device;
    const report = {
      adapter: { ...adapter, kind: selected.kind, reason: selected.reason },
      languageFeatures: [...capabilities.features].filter((name) => !adapter.features.includes(name)),
      ruledOut,
      examinations,
    };
    saveJson(report);
    return failed.length === 0;
  } finally {
    device.dispose();
  }
}

function describe({ adapter, capabilities }: Device): string {
  const { subgroupMinSize: least, subgroupMaxSize: most, limits, features } = capabilities;
  const lines: readonly (readonly [string, string])[] = [
    ['vendor', `${adapter.vendor || 'not said'}, architecture ${adapter.architecture || 'not said'}`],
    ['features', [...new Set([...adapter.features, ...features])].join(', ')],
    ['subgroups', most === 0 ? 'none' : least === most ? String(least) : `${least} to ${most}`],
    [
      'buffers',
      `${mebibytes(limits.maxBufferSize)}, bound ${mebibytes(limits.maxStorageBufferBindingSize)}, ${limits.maxStorageBuffersPerShaderStage} per dispatch`,
    ],
    [
      'workgroups',
      `${limits.maxComputeInvocationsPerWorkgroup} invocations, ${limits.maxComputeWorkgroupStorageSize / 1024} KiB shared`,
    ],
  ];
  return lines.map(([name, value]) => `  ${name.padEnd(11)}${value}\n`).join('');
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;

/** What this adapter lacks, and what follows from it. */
function consequences({ features, software, limits }: Capabilities): string[] {
  const lacks: string[] = [];
  if (!features.has('shader-f16'))
    lacks.push('no shader-f16: f16 weights are unpacked by integer instructions, arithmetic is f32');
  if (!features.has('subgroups')) lacks.push('no subgroups: reductions go through workgroup memory');
  else if (!features.has('subgroup_id'))
    lacks.push('no subgroup_id: kernels that give each subgroup work of its own are left out');
  if (!features.has('packed_4x8_integer_dot_product'))
    lacks.push('no packed_4x8_integer_dot_product: no int8 activations');
  if (!features.has('timestamp-query')) lacks.push('no timestamp-query: bench takes wall times');
  if (software) lacks.push('it runs on the CPU: results are right, speeds are no GPU speeds');
  if (limits.maxStorageBufferBindingSize < 2 ** 30)
    lacks.push(
      `no weight of more than ${mebibytes(limits.maxStorageBufferBindingSize)} can be bound in one piece`,
    );
  return lacks;
}

async function selfCheck(terminal: Terminal, device: Device, signal: AbortSignal): Promise<Examination[]> {
  const progress = createProgress(terminal);
  const results: Examination[] = [];
  for (const check of registry) {
    const { name } = check.kernel;
    if (!examined.includes(name)) continue;
    progress.update(`checking ${name}`);
    for (const input of telling(check)) {
      signal.throwIfAborted();
      const result = { kernel: name, case: caseName(input) };
      try {
        const { passed, error, message } = await checkCase(device, check, input);
        results.push({ ...result, passed, error, message });
      } catch (error) {
        if (!isTilewrightError(error)) throw error;
        results.push({ ...result, passed: false, error: null, message: error.message });
      }
    }
  }
  progress.clear();
  return results;
}

/** The two cases with the most to compute. */
function telling({ cases }: KernelCheck): readonly CheckCase[] {
  const size = ({ axes }: CheckCase): number =>
    Object.values(axes).reduce((product, each) => product * each, 1);
  return [...cases].sort((a, b) => size(b) - size(a)).slice(0, 2);
}
