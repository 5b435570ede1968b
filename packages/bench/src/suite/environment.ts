import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { defaultDawnOptions, type Device } from '@tilewright/runtime';
import * as v from 'valibot';

/** Where and with what a row was measured. */
export interface Environment {
  /** As the driver names itself, with its version where it tells. */
  readonly adapter: string;
  readonly vendor: string;
  readonly architecture: string;
  readonly driver: string;
  readonly software: boolean;
  /** Smallest and largest subgroup; 0 and 0 where there are none. */
  readonly subgroups: readonly [number, number];
  readonly features: readonly string[];
  /** Dawn's options in Node; empty in a page. */
  readonly toggles: readonly string[];
  readonly versions: {
    readonly node: string;
    readonly webgpu: string | null;
    readonly tilewright: string | null;
  };
  readonly platform: string;
  /** Of the working tree the command ran in, with `-dirty` where it had changes; null outside of one. */
  readonly commit: string | null;
  /** When the run began, ISO 8601. */
  readonly date: string;
}

export const environmentSchema: v.GenericSchema<unknown, Environment> = v.strictObject({
  adapter: v.string(),
  vendor: v.string(),
  architecture: v.string(),
  driver: v.string(),
  software: v.boolean(),
  subgroups: v.tuple([v.number(), v.number()]),
  features: v.array(v.string()),
  toggles: v.array(v.string()),
  versions: v.strictObject({
    node: v.string(),
    webgpu: v.nullable(v.string()),
    tilewright: v.nullable(v.string()),
  }),
  platform: v.string(),
  commit: v.nullable(v.string()),
  date: v.pipe(v.string(), v.isoTimestamp()),
});

export async function describeEnvironment(
  device: Device,
  toggles: readonly string[] = defaultDawnOptions,
): Promise<Environment> {
  const {
    description,
    vendor,
    architecture,
    device: driver,
    software,
    subgroupMinSize,
    subgroupMaxSize,
  } = device.adapter;
  return {
    adapter: description,
    vendor,
    architecture,
    driver,
    software,
    subgroups: [subgroupMinSize, subgroupMaxSize],
    features: [...device.capabilities.features].sort(),
    toggles: [...toggles],
    versions: {
      node: process.versions.node,
      webgpu: packageVersion('webgpu'),
      // The command holds this package, and its version.
      tilewright: packageVersion('@tilewright/bench') ?? packageVersion('tilewright'),
    },
    platform: `${process.platform}-${process.arch}`,
    commit: await commitOf(),
    date: new Date().toISOString(),
  };
}

/** The version of an installed package, null where it is not installed. */
export function packageVersion(name: string): string | null {
  try {
    const { version } = createRequire(import.meta.url)(`${name}/package.json`) as { version: string };
    return version;
  } catch {
    return null;
  }
}

async function commitOf(): Promise<string | null> {
  const git = async (...words: string[]): Promise<string> =>
    (await promisify(execFile)('git', words)).stdout.trim();
  try {
    const changed = await git('status', '--porcelain', '--untracked-files=no');
    return `${await git('rev-parse', 'HEAD')}${changed === '' ? '' : '-dirty'}`;
  } catch {
    return null;
  }
}
