/** A piece of the gateway that works from a start to an end. */
export interface Part {
  /** Begins its work, and does not wait for it. */
  start?(): void;
  /** Ends it. Nothing of it is under way any more once this has resolved. */
  close?(): void | Promise<void>;
}

/** Starts parts in their order. */
export function startAll(parts: readonly Part[]): void {
  for (const part of parts) part.start?.();
}

/** Ends parts in the reverse of it, one after the other: what others stand on goes last. */
export async function closeAll(parts: readonly Part[]): Promise<void> {
  for (const part of [...parts].reverse()) await part.close?.();
}
