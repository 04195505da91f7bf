/** Told by a source while it is open. After `lost` it tells nothing more. */
export interface SourceListener {
  bytes(chunk: Uint8Array): void;
  lost(reason: string): void;
}

/** An open source. `close` may be called once, also after `lost`. */
export interface OpenSource {
  close(): Promise<void>;
}
