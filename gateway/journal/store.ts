/**
 * What the journal keeps of one thing. The two sides are types of their own: the reader is everybody's, and the writer is
 * had from a transaction alone, so that no change reaches the disk beside the count of commits that caches go by.
 */
export interface Store<Reader, Writer> {
  readonly reader: Reader;
  readonly writer: Writer;
}
