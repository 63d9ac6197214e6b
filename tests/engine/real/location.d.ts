/** Returns the version of the CLI that go.mod pins. */
export function pinnedVersion(): string;
/** Returns the folder with the CLI of a version, and the plugins beside it. */
export function folderOf(version: string): string;
