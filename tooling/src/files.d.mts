export declare const root: string;
export declare function runMain(meta: ImportMeta, main: () => Promise<void>): Promise<void>;
export declare function filesBelow(folder: string): string[];
export declare function deleteFiles(folder: string, isStale: (file: string) => boolean): void;
export declare function kernelFolders(
  source?: string,
): { readonly name: string; readonly family: string; readonly path: string }[];
export declare function formatFolders(source?: string): string[];
