/** Optional things a kernel variant may need. A subset of WebGPU's feature names, spelled as WebGPU spells them. */
export type Feature =
  | 'shader-f16'
  | 'subgroups'
  | 'subgroup-size-control'
  | 'timestamp-query'
  | LanguageFeature;

/** WGSL language extensions, found in `navigator.gpu.wgslLanguageFeatures`. */
export type LanguageFeature = 'packed_4x8_integer_dot_product' | 'subgroup_id';

/** The limits that kernels choose tiles by; the names are WebGPU's. */
export interface KernelLimits {
  readonly maxComputeWorkgroupStorageSize: number;
  readonly maxComputeInvocationsPerWorkgroup: number;
  readonly maxComputeWorkgroupSizeX: number;
  readonly maxComputeWorkgroupsPerDimension: number;
  readonly maxStorageBuffersPerShaderStage: number;
  readonly maxStorageBufferBindingSize: number;
  readonly maxBufferSize: number;
  readonly minStorageBufferOffsetAlignment: number;
  readonly minUniformBufferOffsetAlignment: number;
}

/** What a device can do, as plain data: all that `plans` may know of it. */
export interface Capabilities {
  readonly features: ReadonlySet<Feature>;
  readonly limits: KernelLimits;
  /** Smallest and largest subgroup the device may use; 0 and 0 where subgroups are unavailable. */
  readonly subgroupMinSize: number;
  readonly subgroupMaxSize: number;
  /** True for adapters that run on the CPU (lavapipe, SwiftShader): their best Plans differ from any GPU's. */
  readonly software: boolean;
  /** `GPUAdapterInfo.vendor` and `.architecture`, lower case; empty when the browser hides them. */
  readonly vendor: string;
  readonly architecture: string;
}

/** The limits every WebGPU device has. */
export const defaultLimits: KernelLimits = {
  maxComputeWorkgroupStorageSize: 16_384,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  maxComputeWorkgroupsPerDimension: 65_535,
  maxStorageBuffersPerShaderStage: 8,
  maxStorageBufferBindingSize: 134_217_728,
  maxBufferSize: 268_435_456,
  minStorageBufferOffsetAlignment: 256,
  minUniformBufferOffsetAlignment: 256,
};

/** A device with nothing but what WebGPU promises: the floor every baseline variant must run on. */
export const baselineCapabilities: Capabilities = {
  features: new Set(),
  limits: defaultLimits,
  subgroupMinSize: 0,
  subgroupMaxSize: 0,
  software: false,
  vendor: '',
  architecture: '',
};
