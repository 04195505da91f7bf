/** Every topic below `genkan/v1/<venue>/`, and nothing else builds or reads one. */
export interface VenueTopics {
  readonly events: string;
  readonly gatewayState: string;
  readonly occupancy: string;
  readonly checkpoints: string;
  readonly receipts: string;
  readonly requests: string;
  readonly trust: string;
  readonly reservations: string;
  readonly usage: string;
  readonly stays: string;
  readonly entries: string;
  readonly entryResults: string;
  readonly commands: string;
  readonly commandResults: string;
  readonly doorState: (door: string) => string;
}

/** The topics of one venue. */
export function venueTopics(venue: string): VenueTopics {
  const root = `genkan/v1/${venue}`;
  return {
    events: `${root}/events`,
    gatewayState: `${root}/gateway/state`,
    occupancy: `${root}/occupancy`,
    checkpoints: `${root}/checkpoints`,
    receipts: `${root}/receipts`,
    requests: `${root}/requests`,
    trust: `${root}/trust`,
    reservations: `${root}/reservations`,
    usage: `${root}/usage`,
    stays: `${root}/stays`,
    entries: `${root}/entries`,
    entryResults: `${root}/entry-results`,
    commands: `${root}/commands`,
    commandResults: `${root}/command-results`,
    doorState: (door) => `${root}/doors/${door}/state`,
  };
}

/** Where a client of the local bus orders a door: `LOCK` or `UNLOCK`. In the cloud commands are signed and go elsewhere. */
export function doorSetTopic(venue: string, door: string): string {
  return `genkan/v1/${venue}/doors/${door}/set`;
}

/** Subscription of a consumer that serves every venue. */
export const ALL_EVENTS = 'genkan/v1/+/events';

/** Subscription of a consumer to every gateway's questions. */
export const ALL_REQUESTS = 'genkan/v1/+/requests';

/** The venue in a topic of ours, or `null` for a foreign topic. */
export function venueOf(topic: string): string | null {
  const [product, version, venue, ...rest] = topic.split('/');
  return product === 'genkan' && version === 'v1' && venue !== undefined && rest.length > 0 ? venue : null;
}
