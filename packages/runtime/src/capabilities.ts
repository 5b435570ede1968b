import type { Capabilities, Feature, KernelLimits, LanguageFeature } from '@tilewright/kernels';
import { defaultLimits } from '@tilewright/kernels';

/** What an adapter is and what the device opened on it has; safe to print and to store. */
export interface AdapterReport {
  /** "llvmpipe (LLVM 19.1.7, 256 bits)", or what the browser is willing to say. */
  readonly description: string;
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  /** True for CPU implementations (lavapipe, SwiftShader, WARP). */
  readonly software: boolean;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
  readonly subgroupMinSize: number;
  readonly subgroupMaxSize: number;
}

const kernelFeatures: readonly Feature[] = [
  'shader-f16',
  'subgroups',
  'subgroup-size-control',
  'timestamp-query',
];
const languageFeatures: readonly LanguageFeature[] = ['packed_4x8_integer_dot_product', 'subgroup_id'];

/** The features worth requesting from this adapter. */
export const usefulFeatures = (adapter: GPUAdapter): GPUFeatureName[] =>
  kernelFeatures.filter((name) => adapter.features.has(name as GPUFeatureName)) as GPUFeatureName[];

/** The limits worth requesting: whatever the adapter has of those kernels choose by. */
export function usefulLimits(adapter: GPUAdapter): Record<string, number> {
  const limits: Record<string, number> = {};
  for (const name of Object.keys(defaultLimits)) {
    const value = adapter.limits[name as keyof GPUSupportedLimits];
    if (typeof value === 'number') limits[name] = value;
  }
  limits.maxComputeWorkgroupSizeY = adapter.limits.maxComputeWorkgroupSizeY;
  return limits;
}

export function describeAdapter(info: GPUAdapterInfo, device: GPUDevice): AdapterReport {
  const text = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`.toLowerCase();
  const limits: Record<string, number> = {};
  for (const name in device.limits) {
    const value = device.limits[name as keyof GPUSupportedLimits];
    if (typeof value === 'number') limits[name] = value;
  }
  const subgroups = device.features.has('subgroups' as GPUFeatureName);
  return Object.freeze({
    description: info.description || info.device || info.architecture || info.vendor || 'unnamed adapter',
    vendor: info.vendor.toLowerCase(),
    architecture: info.architecture.toLowerCase(),
    device: info.device,
    software:
      info.isFallbackAdapter === true || /llvmpipe|lavapipe|swiftshader|basic render|\bsoftware\b/.test(text),
    features: [...device.features].sort(),
    limits,
    subgroupMinSize: subgroups ? (info.subgroupMinSize ?? 4) : 0,
    subgroupMaxSize: subgroups ? (info.subgroupMaxSize ?? 128) : 0,
  });
}

export function capabilitiesOf(report: AdapterReport, gpu: GPU | undefined): Capabilities {
  const language = gpu?.wgslLanguageFeatures;
  const subgroups = report.features.includes('subgroups');
  const features = new Set<Feature>([
    ...kernelFeatures.filter((name) => report.features.includes(name)),
    ...languageFeatures.filter((name) => language?.has(name) && (name !== 'subgroup_id' || subgroups)),
  ]);
  const limits: Record<string, number> = {};
  for (const [name, fallback] of Object.entries(defaultLimits))
    limits[name] = report.limits[name] ?? fallback;
  return Object.freeze({
    features,
    limits: limits as unknown as KernelLimits,
    subgroupMinSize: report.subgroupMinSize,
    subgroupMaxSize: report.subgroupMaxSize,
    software: report.software,
    vendor: report.vendor,
    architecture: report.architecture,
  });
}
