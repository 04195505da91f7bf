import encodeQR from 'qr';
import type { Clock } from '../../../gateway/clock/clock.ts';
import type { Entitlement, Reservation, Ticket } from '../../../shared/contract/pass.ts';
import { civilDateAt, DAY_MS, formatInstant, JAPAN, MINUTE_MS, SECOND_MS } from '../../../shared/time.ts';
import { startOfDay } from '../../../shared/hours.ts';
import { createIssuer, type Issuer } from '../issuer.ts';
import { createWallet, type Wallet } from '../wallet.ts';
import { DEMO_MEMBERS, PHOTO, type DemoMember } from './acts.ts';
import type { MemberFacts, ShownCode } from './shown.ts';

export interface DemoMembersOptions {
  readonly venue: string;
  readonly clock: Clock;
  readonly issuer: Issuer;
  /** Puts a reservation on the books of the billing service. The venue learns of it by the pass. */
  readonly sell: (reservation: Reservation) => void;
}

/** A phone renews its code this often; a proof lives for fifteen seconds. */
const RENEW_MS = 10_000;
const PROOF_LIFE_MS = 15_000;

const SEAT_YEN = 500;
const ROOM_YEN = 1_500;

/** Uses of the basic ticket before the demo's first day: the 31 end within it. */
const TICKET_USED = 29;

interface Phone {
  readonly wallet: Wallet;
  readonly sub: string;
  entitlement: Entitlement;
  shown: { readonly text: string; readonly atMs: number; presented: boolean } | null;
}

/** The people of the demo, with their phones. */
export class DemoMembers {
  readonly #options: DemoMembersOptions;
  readonly #phones: ReadonlyMap<DemoMember, Phone>;
  readonly #forger: Issuer;
  #photo: string | null = null;
  #day = 0;

  private constructor(options: DemoMembersOptions, phones: ReadonlyMap<DemoMember, Phone>, forger: Issuer) {
    this.#options = options;
    this.#phones = phones;
    this.#forger = forger;
  }

  /** Makes the people for the day that it is at the venue. */
  static async create(options: DemoMembersOptions): Promise<DemoMembers> {
    const { venue, clock } = options;
    const phones = new Map<DemoMember, Phone>();
    for (const member of DEMO_MEMBERS) {
      const sub = member === 'forger' ? 'm-seat' : `m-${member}`;
      const wallet = await createWallet(venue, clock);
      const plan = member === 'ticket' ? 'basic' : 'premium';
      phones.set(member, { wallet, sub, entitlement: ticketOf(plan, clock), shown: null });
    }
    // The same names, another key: nothing but the signature tells it from the venue's issuer.
    const forger = await createIssuer({ venue, clock });
    const members = new DemoMembers(options, phones, forger);
    members.newDay();
    return members;
  }

  /** Books today's seat and room, and puts them into the phones. Tickets go on from day to day. */
  newDay(): void {
    const { clock, venue, sell } = this.#options;
    this.#day += 1;
    const at = (hour: number) => formatInstant(startOfDay(clock.wallMs(), JAPAN) + hour * 60 * MINUTE_MS);
    const seat: Reservation = {
      kind: 'reservation',
      id: `r-${this.#day}-seat`,
      venue,
      space: { id: 'seat-12', kind: 'seat' },
      start: at(9),
      end: at(12),
      yenPer30Min: SEAT_YEN,
      role: 'user',
    };
    const room: Reservation = {
      ...seat,
      id: `r-${this.#day}-room`,
      space: { id: 'room-a', kind: 'room' },
      start: at(13),
      end: at(15),
      yenPer30Min: ROOM_YEN,
    };
    const guest: Reservation = { ...room, role: 'guest', host: 'm-room' };
    sell(seat);
    sell(room);
    this.#hand('seat', seat);
    this.#hand('forger', seat);
    this.#hand('room', room);
    this.#hand('guest', guest);
  }

  facts(): Readonly<Record<DemoMember, MemberFacts>> {
    const entries = [...this.#phones].map(([member, phone]): [DemoMember, MemberFacts] => [
      member,
      { sub: phone.sub, entitlement: phone.entitlement },
    ]);
    return Object.fromEntries(entries) as Record<DemoMember, MemberFacts>;
  }

  /** The code that the member's phone shows now. It renews itself as a wallet does. */
  async show(member: DemoMember): Promise<ShownCode> {
    const text = await this.#code(member);
    return this.#asShown(text, this.#phone(member));
  }

  /** The text under the reader. `null` for a photo that nobody took. */
  async present(who: DemoMember | typeof PHOTO): Promise<string | null> {
    if (who === PHOTO) return this.#photo;
    const text = await this.#code(who);
    const { shown } = this.#phone(who);
    if (shown !== null) shown.presented = true;
    return text;
  }

  /** Somebody takes a picture of what the member's phone shows. */
  async photograph(member: DemoMember): Promise<void> {
    this.#photo = await this.#code(member);
  }

  /** The picture, if there is one. */
  photo(): ShownCode | null {
    return this.#photo === null ? null : this.#asShown(this.#photo, null);
  }

  /** Headers of a request of the member's phone (RFC 9449). */
  async dpop(member: DemoMember, method: string, url: string, nonce?: string) {
    await this.#renewPass(member);
    return this.#phone(member).wallet.dpop(method, url, nonce);
  }

  async #code(member: DemoMember): Promise<string> {
    const phone = this.#phone(member);
    const nowMs = this.#options.clock.wallMs();
    const { shown } = phone;
    if (shown !== null && !shown.presented && Math.abs(nowMs - shown.atMs) < RENEW_MS) return shown.text;
    await this.#renewPass(member);
    const text = await phone.wallet.code();
    phone.shown = { text, atMs: nowMs, presented: false };
    return text;
  }

  async #renewPass(member: DemoMember): Promise<void> {
    const { wallet, sub, entitlement } = this.#phone(member);
    const issuer = member === 'forger' ? this.#forger : this.#options.issuer;
    wallet.keep(await issuer.issue({ sub, jkt: wallet.jkt, entitlements: [entitlement] }));
  }

  #asShown(text: string, phone: Phone | null): ShownCode {
    const shownMs = phone?.shown?.atMs ?? -Infinity;
    const ageMs = this.#options.clock.wallMs() - shownMs;
    return {
      bytes: Buffer.byteLength(text),
      qr: encodeQR(text, 'svg', { ecc: 'low', border: 2 }),
      freshMs: Math.max(0, PROOF_LIFE_MS - ageMs),
    };
  }

  #hand(member: DemoMember, entitlement: Entitlement): void {
    const phone = this.#phone(member);
    phone.entitlement = entitlement;
    phone.shown = null;
  }

  #phone(member: DemoMember): Phone {
    const phone = this.#phones.get(member);
    if (phone === undefined) throw new Error(`nobody is called ${member}`);
    return phone;
  }
}

/** Bought ten days ago, so that no period ends on the demo's first days. */
function ticketOf(plan: Ticket['plan'], clock: Clock): Ticket {
  const nowMs = clock.wallMs();
  return {
    kind: 'ticket',
    id: `t-${plan}`,
    plan,
    purchaseDate: civilDateAt(nowMs - 10 * DAY_MS),
    used: plan === 'basic' ? TICKET_USED : 3,
    usedAt: Math.floor((nowMs - MINUTE_MS) / SECOND_MS),
  };
}
