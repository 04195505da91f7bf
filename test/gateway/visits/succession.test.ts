import { describe, expect, it } from 'vitest';
import { putOtherGateway } from '../../../gateway/journal/other-gateway.ts';
import { parseEvent } from '../../../shared/contract/events.ts';
import { STAY_RECORDS_TYPE } from '../../../shared/contract/stays.ts';
import { stayRecordsOf, VenueAccount } from '../../venue/billing-account.ts';
import { at, seat, venueOf } from '../access/told.ts';
import { change, Cloud } from '../cloud.ts';
import { EPOCH } from '../../temporary.ts';
import type { Evening } from './evening.ts';

/** A venue with its cloud and the billing service behind it; the line is down unless somebody uses it. */
class Billed {
  readonly cloud: Cloud;
  readonly account: VenueAccount;
  /** By epoch: the number up to which the service has heard it. */
  readonly #heard = new Map<string, number>();

  private constructor(cloud: Cloud) {
    this.cloud = cloud;
    const venue = venueOf({ hours: { open: '07:00', close: '18:00' }, kind: 'standard' });
    this.account = new VenueAccount(venue, () => ({ ...seat(), space: { kind: 'seat' } }));
  }

  /** At 9:00, with a reservation of `u-1` from 9 to 12 that the venue was told of. */
  static async begin(): Promise<Billed> {
    const cloud = await Cloud.over();
    cloud.evening.tell('u-1', seat());
    return new Billed(cloud);
  }

  get evening(): Evening {
    return this.cloud.evening;
  }

  /** The service hears all that the journal tells. */
  hear(): this {
    for (const { seq, body } of this.evening.walk.journal.eventsAfter(0, 10_000)) {
      const event = parseEvent(JSON.parse(body));
      if (seq <= (this.#heard.get(event.epoch) ?? 0)) continue;
      this.#heard.set(event.epoch, seq);
      this.account.take(event);
    }
    return this;
  }

  /** The gateway goes on in a new epoch, with its ends of the line. */
  async beginAnew(copy: string | null = null): Promise<void> {
    await this.evening.beginAnew(copy);
    await this.cloud.connect();
  }

  /** The line is up: the gateway asks, and hears the answers. @returns what became of them */
  async say(over: object = {}): Promise<readonly string[]> {
    const became: string[] = [];
    for (let asked = this.cloud.lastWord.question(); asked !== null; asked = this.cloud.lastWord.question()) {
      const { epoch, seq, before } = asked.have as { epoch: string; seq: number; before: string };
      const about = { venue: 'shibuya-1', epoch, from: seq, before, iat: this.evening.walk.nowS() };
      const records = stayRecordsOf(about, this.account.lastWords({ epoch, seq }, before));
      became.push(
        await this.cloud.lastWord.take(this.cloud.sign(STAY_RECORDS_TYPE, { ...records, ...over })),
      );
      if (became.at(-1) !== 'adopted') break;
    }
    return became;
  }

  /** What each stay costs, as the service has it. */
  bill(): readonly (number | null)[] {
    this.hear();
    return this.account.stays.map(({ charge }) => charge?.yen ?? null);
  }
}

/** Checked in at 9, copied at 10, checked out at 12 for 3,000 yen, of which the copy knows nothing; it is 12:30. */
async function restored(): Promise<Billed> {
  const billed = await Billed.begin();
  const { evening } = billed;
  expect(await evening.scan('u-1', [seat()])).toBe('check-in');
  await evening.until('10:00');
  const copy = await evening.copy();
  await evening.until('12:00');
  expect(await evening.scan('u-1', [], 'exit')).toBe('check-out');
  expect(billed.bill()).toEqual([3_000]);
  await evening.until('12:30');
  await billed.beginAnew(copy);
  return billed;
}

describe('a journal restored from a copy of 10:00, whose visit was checked out at 12:00 for 3,000', () => {
  it('asks the cloud for what it missed and charges nothing a second time at closing', async () => {
    const billed = await restored();
    const { evening } = billed;
    expect(billed.cloud.lastWord.question()).toMatchObject({ need: 'stays', have: { epoch: EPOCH } });
    expect(await billed.say()).toEqual(['adopted']);
    expect(billed.cloud.lastWord.question()).toBeNull();
    await evening.until('18:45');
    expect(evening.all('charge.computed')).toEqual([]);
    expect(evening.walk.journal.stays.open()).toEqual([]);
    expect(billed.bill()).toEqual([3_000]);
    expect(billed.account.mismatches).toEqual([]);
  });

  it('settles nothing at closing while the word may still come, until half an hour after it', async () => {
    const billed = await restored();
    const { evening } = billed;
    await evening.until('18:30');
    expect(evening.all('charge.computed')).toEqual([]);
    expect(await billed.say()).toEqual(['adopted']);
    await evening.until('20:00');
    expect(billed.bill()).toEqual([3_000]);
  });

  it('settles the same visit at 18:31 for 9,000 to be reviewed where no word comes, which the service counts once', async () => {
    const billed = await restored();
    const { evening } = billed;
    await evening.until('18:33');
    expect(evening.all('charge.computed')).toMatchObject([
      { stay: `${EPOCH}-1`, charge: { yen: 9_000, flags: ['review', 'settled-late'] } },
    ]);
    expect(billed.bill()).toEqual([9_000]);
    expect(billed.account.mismatches.map(({ what }) => what)).toContain('the stay is charged already');
  });

  it('has its charge of 9,000 superseded by the 3,000 of a word that comes too late', async () => {
    const billed = await restored();
    const { evening } = billed;
    await evening.until('18:33');
    expect(await billed.say()).toEqual(['adopted']);
    expect(evening.all('charge.superseded')).toMatchObject([
      { before: { yen: 9_000 }, after: { yen: 3_000 }, reason: 'known-to-the-cloud' },
    ]);
    expect(billed.bill()).toEqual([3_000]);
  });

  it('that is damaged before the word has come asks for it still, and charges nothing a second time', async () => {
    const billed = await restored();
    const { evening } = billed;
    await evening.until('13:00');
    billed.hear();
    await billed.beginAnew();
    expect(billed.cloud.lastWord.question()).toMatchObject({ have: { epoch: EPOCH } });
    await billed.say();
    expect(billed.cloud.lastWord.question()).toBeNull();
    await evening.until('18:45');
    expect(billed.bill()).toEqual([3_000]);
    expect(billed.account.mismatches).toEqual([]);
  });

  it('takes no word that another signs, that is for another venue, or that leaves a part out', async () => {
    const billed = await restored();
    const forged = billed.cloud.sign(STAY_RECORDS_TYPE, { venue: 'shibuya-1' });
    expect(await billed.cloud.lastWord.take(forged)).toBe('refused');
    expect(await billed.say({ venue: 'ginza-1' })).toEqual(['refused']);
    expect(await billed.say({ from: 1_000 })).toEqual(['old']);
    expect(billed.cloud.lastWord.question()).not.toBeNull();
  });

  it('asks on where the cloud says that there is more', async () => {
    const billed = await restored();
    const { have } = billed.cloud.lastWord.question() as { have: { seq: number; before: string } };
    const { seq: from, before } = have;
    const next = { epoch: EPOCH, seq: from + 1 };
    const records = { venue: 'shibuya-1', epoch: EPOCH, from, before, next, iat: 1, stays: [] };
    expect(await billed.cloud.lastWord.take(billed.cloud.sign(STAY_RECORDS_TYPE, records))).toBe('adopted');
    expect(billed.cloud.asked).toEqual([{ need: 'stays', have: { ...next, before } }]);
    expect(await billed.cloud.lastWord.take(billed.cloud.sign(STAY_RECORDS_TYPE, { ...records, next }))).toBe(
      'old',
    );
  });
});

describe('a journal restored from a copy of 9:00, before its member came', () => {
  /** In at 9:05, out at `left` for 3,000; restored then. */
  async function restoredAt(left: string): Promise<Billed> {
    const billed = await Billed.begin();
    const { evening } = billed;
    const copy = await evening.copy();
    await evening.until('09:05');
    expect(await evening.scan('u-1', [seat()])).toBe('check-in');
    await evening.until(left);
    expect(await evening.scan('u-1', [], 'exit')).toBe('check-out');
    expect(billed.bill()).toEqual([3_000]);
    await evening.until('12:00');
    await billed.beginAnew(copy);
    return billed;
  }

  it('bills no no-show of 3,000 beside the visit of 3,000 that the cloud tells of', async () => {
    const billed = await restoredAt('11:50');
    await billed.evening.until('12:10');
    expect(billed.evening.all('stay.no-show')).toEqual([]);
    expect(await billed.say()).toEqual(['adopted']);
    await billed.evening.until('14:00');
    expect(billed.evening.all('stay.no-show')).toEqual([]);
    expect(billed.bill()).toEqual([3_000]);
  });

  it('bills none where no word comes either, but names the reservation for somebody to look at', async () => {
    const billed = await restoredAt('11:50');
    await billed.evening.until('12:32');
    expect(billed.evening.all('stay.no-show')).toEqual([]);
    expect(billed.evening.all('reservation.unsettled')).toMatchObject([
      { reservation: 'r-1', sub: 'u-1', reason: 'journal-not-whole' },
    ]);
    expect(billed.bill()).toEqual([3_000]);
  });

  it('bills the no-show of 3,000 once the cloud says that nobody came', async () => {
    const billed = await Billed.begin();
    const { evening } = billed;
    const copy = await evening.copy();
    await evening.until('10:00');
    billed.hear();
    await billed.beginAnew(copy);
    expect(await billed.say()).toEqual(['adopted']);
    await evening.until('12:02');
    expect(evening.all('charge.computed')).toMatchObject([
      { charge: { rule: 'no-show-reserved', yen: 3_000, flags: [] } },
    ]);
    expect(billed.bill()).toEqual([3_000]);
  });

  it('charges a visit that is forgotten to 17:00, the closing at its booking: 8,000, not 9,000 to that of now', async () => {
    const billed = await Billed.begin();
    const { evening } = billed;
    evening.tell('u-1', seat(), { closingMs: at('17:00') });
    const copy = await evening.copy();
    await evening.until('09:05');
    await evening.scan('u-1', [seat()]);
    await evening.until('10:00');
    billed.hear();
    await billed.beginAnew(copy);
    expect(await billed.say()).toEqual(['adopted']);
    await evening.until('18:02');
    expect(billed.bill()).toEqual([8_000]);
  });

  it('lets a member who comes again have one visit: the second, opened before the word, is voided', async () => {
    const billed = await Billed.begin();
    const { evening } = billed;
    const copy = await evening.copy();
    await evening.until('09:05');
    await evening.scan('u-1', [seat()]);
    await evening.until('09:20');
    await evening.scan('u-1', [], 'exit');
    billed.hear();
    await evening.until('10:00');
    await billed.beginAnew(copy);
    expect(await evening.scan('u-1', [seat()])).toBe('check-in');
    expect(await billed.say()).toEqual(['adopted']);
    expect(evening.all('stay.voided')).toMatchObject([{ reason: 'charged-before' }]);
    await evening.until('11:00');
    expect(await evening.scan('u-1', [], 'exit')).toBe('admit');
    await evening.until('18:45');
    expect(billed.bill().filter((yen) => yen !== null)).toEqual([3_000]);
  });
});

describe('a copy of 10:00, a succession, the visit charged 3,000 in it, the copy restored', () => {
  /** Damaged at 10:05; in at 10:10 and out at 11:50 in the second epoch; the copy of the first is restored at 12:30. */
  async function restoredOverSuccession(): Promise<Billed> {
    const billed = await Billed.begin();
    const { evening } = billed;
    await evening.until('10:00');
    const copy = await evening.copy();
    await evening.until('10:05');
    billed.hear();
    await billed.beginAnew();
    await evening.until('10:10');
    expect(await evening.scan('u-1', [seat()])).toBe('check-in');
    await evening.until('11:50');
    expect(await evening.scan('u-1', [], 'exit')).toBe('check-out');
    expect(billed.bill()).toEqual([3_000]);
    await evening.until('12:30');
    await billed.beginAnew(copy);
    return billed;
  }

  it('nothing is charged a second time', async () => {
    const billed = await restoredOverSuccession();
    const { evening } = billed;
    expect(await billed.say()).toEqual(['adopted']);
    await evening.until('18:45');
    expect(evening.all('charge.computed')).toEqual([]);
    expect(evening.all('reservation.unsettled')).toEqual([]);
    expect(billed.bill()).toEqual([3_000]);
    expect(billed.account.mismatches).toEqual([]);
  });

  it('takes no word that tells only of epochs below the second', async () => {
    const billed = await restoredOverSuccession();
    expect(await billed.say({ before: EPOCH })).toEqual(['old']);
    expect(billed.cloud.lastWord.question()).not.toBeNull();
  });

  it('is asked on from a place in the second epoch where the cloud says that there is more', async () => {
    const billed = await restoredOverSuccession();
    const { seq, before } = billed.cloud.lastWord.question()?.have as { seq: number; before: string };
    const [record] = billed.account.lastWords({ epoch: EPOCH, seq }, before);
    const next = { epoch: record?.epoch, seq: (record?.seq ?? 0) - 1 };
    expect(next.epoch).not.toBe(EPOCH);
    const records = { venue: 'shibuya-1', epoch: EPOCH, from: seq, before, next, iat: 1, stays: [] };
    expect(await billed.cloud.lastWord.take(billed.cloud.sign(STAY_RECORDS_TYPE, records))).toBe('adopted');
    expect(billed.cloud.asked).toEqual([{ need: 'stays', have: { ...next, before } }]);
    expect(await billed.say()).toEqual(['adopted']);
    await billed.evening.until('18:45');
    expect(billed.bill()).toEqual([3_000]);
  });
});

describe('a journal restored from a copy of 9:00, before it was told of a reservation from 10 to 12', () => {
  it('charges the visit of 2,000 once where the cloud tells of it before it tells of the reservation', async () => {
    const billed = await Billed.begin();
    const { cloud, evening } = billed;
    const reserved = seat({ id: 'r-2', from: '10:00', to: '12:00' });
    const delta = () => cloud.delta(0, 1, [change(1, reserved, { sub: 'u-2' })]);
    const copy = await evening.copy();
    expect(await cloud.reservations(delta())).toBe('applied');
    await evening.until('10:00');
    expect(await evening.scan('u-1', [seat()])).toBe('check-in');
    expect(await evening.scan('u-2', [reserved])).toBe('check-in');
    await evening.until('11:50');
    expect(await evening.scan('u-1', [], 'exit')).toBe('check-out');
    expect(await evening.scan('u-2', [], 'exit')).toBe('check-out');
    expect(billed.bill()).toEqual([3_000, 2_000]);
    await billed.beginAnew(copy);
    expect(await billed.say()).toEqual(['adopted']);
    expect(await cloud.reservations(delta())).toBe('applied');
    await evening.until('18:45');
    expect(evening.all('charge.computed')).toEqual([]);
    expect(billed.bill()).toEqual([3_000, 2_000]);
  });
});

describe('a damaged journal that gave way to a new epoch with everything', () => {
  it('asks nothing, and charges a visit that is forgotten 9,000 once, as the same stay', async () => {
    const billed = await Billed.begin();
    const { evening } = billed;
    await evening.scan('u-1', [seat()]);
    await evening.until('10:00');
    billed.hear();
    await billed.beginAnew();
    expect(billed.cloud.lastWord.question()).toBeNull();
    await evening.until('18:02');
    expect(evening.all('charge.computed')).toMatchObject([
      { stay: `${EPOCH}-1`, charge: { yen: 9_000, flags: [] } },
    ]);
    expect(billed.bill()).toEqual([9_000]);
  });

  it('bills the no-show of 3,000 of a reservation that had begun before', async () => {
    const billed = await Billed.begin();
    const { evening } = billed;
    await evening.until('10:00');
    await billed.beginAnew();
    await evening.until('12:02');
    expect(evening.all('reservation.unsettled')).toEqual([]);
    expect(evening.all('charge.computed')).toMatchObject([
      { charge: { rule: 'no-show-reserved', yen: 3_000, flags: [] } },
    ]);
  });
});

describe('a venue for which another gateway spoke from 10:00 to 13:00', () => {
  const other = { gateway: 'gw-2', epoch: '01JD1111111111111111111111', session: 'another' };

  /** @param until until when it is known to be there; `null`: it is */
  async function shared(until: string | null): Promise<Evening> {
    const { evening } = await Billed.begin();
    evening.walk.journal.write((writer) =>
      putOtherGateway(writer.facts, {
        ...other,
        fromMs: at('10:00'),
        untilMs: until === null ? null : at(until),
      }),
    );
    return evening;
  }

  it('bills no no-show of 3,000 for that time, which may be the other’s visitor, and names the reservation', async () => {
    const evening = await shared(null);
    await evening.until('12:02');
    expect(evening.all('stay.no-show')).toEqual([]);
    expect(evening.all('reservation.unsettled')).toMatchObject([
      { reservation: 'r-1', reason: 'second-gateway' },
    ]);
    expect(evening.bill()).toEqual({});
  });

  it('bills a no-show of 1,000 of the afternoon again', async () => {
    const evening = await shared('13:00');
    evening.tell('u-2', seat({ id: 'r-2', from: '13:00', to: '14:00' }));
    await evening.until('14:02');
    expect(evening.bill()).toEqual({ 'u-2': 1_000 });
  });

  it('bills a check-out that is forgotten 9,000 to be reviewed: it may have been made at the other', async () => {
    const evening = await shared('13:00');
    expect(await evening.scan('u-1', [seat()])).toBe('check-in');
    await evening.until('18:02');
    expect(evening.all('charge.computed')).toMatchObject([{ charge: { yen: 9_000, flags: ['review'] } }]);
  });
});
