import type { Variant } from '../contract/contract.ts';

/** The variant, which a device supports only if it binds what each of its dispatches reads and writes at once. */
export const withinBindings = (variant: Variant): Variant => ({
  ...variant,
  supports: (problem, capabilities, kernel) => {
    const own = variant.supports?.(problem, capabilities, kernel) ?? true;
    if (own !== true) return own;
    const [choice] = variant.plans?.(problem, capabilities, kernel) ?? [{}];
    const { dispatches } = variant.program(problem, { variant: variant.name, ...choice }, kernel);
    const most = capabilities.limits.maxStorageBuffersPerShaderStage;
    const bound = Math.max(...dispatches.map(({ bindings }) => bindings.length));
    return (
      bound <= most || `with these options and fillings it binds ${bound} storage buffers; the device ${most}`
    );
  },
});
