import { createHash } from 'node:crypto';
import { PASS_TYPE, type Entitlement, type Reservation, type Ticket } from '../../shared/contract/pass.ts';
import { formatPresentation } from '../../shared/contract/presentation.ts';
import { DOOR_PROOF_TYPE, DPOP_TYPE } from '../../shared/contract/proof.ts';
import type { Member } from '../../shared/contract/member.ts';
import type { Side } from '../../shared/contract/primitives.ts';
import type { Seeded } from '../seeded.ts';
import type { Board } from './controller.ts';
import type { Machine } from './machine.ts';
import type { Oracle, Presentation } from './oracle.ts';
import { deviceKey, signingKey } from './signatures.ts';
import type { World } from './world.ts';

export const ISSUER = 'https://issuer.example';
/** Another company, whose members have names of their own: one may be called as one of the first's is. */
export const OTHER_ISSUER = 'https://other.example';
export const ISSUER_KEYS = new Map([
  [ISSUER, { kid: 'issuer-1', key: signingKey('issuer-1') }],
  [OTHER_ISSUER, { kid: 'issuer-2', key: signingKey('issuer-2') }],
]);

/** A member in one word. Of the other issuer's it says whose they are. */
export const nameOf = ({ iss, sub }: Member): string => (iss === ISSUER ? sub : `${sub} of ${iss}`);
export const ORIGIN = 'https://venue.example';

/** Phones are made once a process: a key costs more than a visit. */
const phones = new Map<number, ReturnType<typeof makePhone>>();

function makePhone(number: number) {
  const key = deviceKey(`phone ${number}`);
  const { crv, kty, x, y } = key.device;
  const jkt = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  return { ...key, jkt };
}

function phoneOf(number: number) {
  const phone = phones.get(number) ?? makePhone(number);
  phones.set(number, phone);
  return phone;
}

/** Where the people are and what they can do. */
export interface Place {
  readonly world: World;
  readonly machine: Machine;
  readonly board: Board;
  readonly oracle: Oracle;
  readonly venue: string;
  readonly door: string;
  /** How many uses of a ticket the cloud knows of since the day began. */
  readonly usesKnown: (ticket: string) => number;
  /** From then on nobody comes or leaves any more, epoch milliseconds. */
  readonly untilMs: number;
  /** Whether the gateway's host has its controller, as the gateway sees it. */
  readonly isControllerOnline: () => boolean;
}

/** What one visit is going to be. Instants in epoch milliseconds of true time. */
export interface Plan {
  readonly ent: Entitlement;
  readonly comesMs: number;
  readonly leavesMs: number;
  /** `exit`: shows a code at the exit. `button`: leaves by the exit button and is forgotten. */
  readonly leavesBy: 'exit' | 'button';
  readonly goesOutMs: number | null;
}

/** A code as it was shown, for whoever keeps a photograph of it. */
interface Code {
  readonly text: string;
  readonly identity: string;
  readonly signedS: number;
}

/** How old a pass gets before the wallet asks for a new one, in seconds. */
const PASS_RENEWED_S = 7_200;

/** A member with a phone, as impatient as members are. */
export class Person {
  readonly member: Member;
  /** Who it is, in one word. */
  readonly name: string;
  isInside = false;
  readonly #place: Place;
  readonly #random: Seeded;
  readonly #number: number;
  #ents: readonly Entitlement[];
  #renewed: { readonly iat: number; readonly text: string } | null = null;
  #codes = 0;
  #lastCode: Code | null = null;

  /** @param number of the phone, and by default of the member */
  constructor(
    place: Place,
    number: number,
    ents: readonly Entitlement[],
    member: Member = { iss: ISSUER, sub: `m-${number}` },
  ) {
    this.#place = place;
    this.#number = number;
    this.member = member;
    this.name = nameOf(member);
    this.#ents = ents;
    this.#random = place.world.stream(this.name);
  }

  /** Lives a plan: comes, perhaps goes out for a while, leaves. */
  live({ comesMs, leavesMs, leavesBy, goesOutMs }: Plan): void {
    this.#at(comesMs, () => this.#try('entry', 5, 0));
    if (goesOutMs !== null) {
      this.#at(goesOutMs, () => {
        if (this.isInside) this.#leaveByButton();
      });
      this.#at(goesOutMs + this.#random.between(5, 30) * 60_000, () => this.#try('entry', 4, 0));
    }
    this.#at(leavesMs, () => {
      if (!this.isInside && !this.#random.chance(0.3)) return;
      if (leavesBy === 'exit') this.#try('exit', 4, 0);
      else if (this.isInside) this.#leaveByButton();
    });
  }

  /** Somebody kept a photograph of the code, or the member holds up the old one. */
  showOldCode(side: Side): void {
    if (this.#lastCode !== null) this.#show(side, this.#lastCode, true);
  }

  #at(atMs: number, task: () => void): void {
    this.#place.world.after(atMs - this.#place.world.nowMs, () => {
      if (!this.#isOver()) task();
    });
  }

  #isOver(): boolean {
    return this.#place.world.nowMs >= this.#place.untilMs;
  }

  /** Shows itself at the door until it opens, or patience or the day is over. */
  #try(side: Side, tries: number, made: number): void {
    if (this.#isOver()) return;
    const { world } = this.#place;
    const shownMs = world.nowMs;
    if (made > 0 && this.#lastCode !== null && this.#random.chance(0.15))
      this.#show(side, this.#lastCode, true);
    else if (!this.#isGuest() && this.#random.chance(0.35)) this.#tap(side);
    else this.#show(side, this.#newCode(), false);
    const patienceMs = this.#random.between(600, 6_000);
    this.#watch(shownMs + patienceMs, (opened) => {
      if (opened && !this.#random.chance(0.07)) this.#pass(side);
      else if (made + 1 < tries) world.after(this.#pauseMs(), () => this.#try(side, tries, made + 1));
      else if (side === 'exit' && this.isInside) this.#leaveByButton();
    });
  }

  /** Mostly at once; now and then somebody tries again when the retry's time is over. */
  #pauseMs(): number {
    return this.#random.chance(0.8) ? this.#random.between(200, 5_000) : this.#random.between(8_000, 90_000);
  }

  /** Looks at the lock until it is released, or until then. */
  #watch(untilMs: number, then: (opened: boolean) => void): void {
    const { world, board } = this.#place;
    if (board.released && world.nowMs > 0) then(true);
    else if (world.nowMs >= untilMs) then(false);
    else world.after(100, () => this.#watch(untilMs, then));
  }

  #pass(side: Side): void {
    const { world, board } = this.#place;
    world.after(this.#random.between(200, 1_500), () => {
      if (!board.released && !board.leafOpen) return;
      board.moveLeaf(true);
      this.isInside = side === 'entry';
      world.trace(`${this.name} goes ${side === 'entry' ? 'in' : 'out'}`);
      world.after(this.#random.between(800, 4_000), () => board.moveLeaf(false));
    });
  }

  #leaveByButton(): void {
    const { world, board } = this.#place;
    board.pressButton();
    world.trace(`${this.name} leaves by the button`);
    this.#pass('exit');
  }

  #show(side: Side, code: Code, isCopy: boolean): void {
    this.#present({ side, via: 'scanner', identity: code.identity, signedS: code.signedS, isCopy });
    this.#lastCode = code;
    this.#place.machine.scan(side, code.text);
  }

  #tap(side: Side): void {
    const { machine, door, world } = this.#place;
    const url = `${ORIGIN}/api/doors/${door}/${side}`;
    const { jti, identity } = this.#newJti();
    const pass = this.#memberPass();
    const iat = Math.floor(world.nowMs / 1000);
    const shown = this.#present({ side, via: 'page', identity, signedS: iat, isCopy: false });
    const sign = (nonce: string) => ({
      pass,
      proof: this.#proof(DPOP_TYPE, pass, { htm: 'POST', htu: url, iat, jti, nonce }),
    });
    void machine.tap(side, sign, url).then((outcome) => {
      shown.outcome = outcome;
      if (outcome?.kind === 'answer') shown.told = outcome.answer.granted ? 'granted' : 'denied';
    });
  }

  #present(about: Pick<Presentation, 'side' | 'via' | 'identity' | 'signedS' | 'isCopy'>): Presentation {
    const { world, machine, oracle, isControllerOnline } = this.#place;
    const shown: Presentation = {
      ...about,
      sub: this.name,
      ents: this.#ents,
      atMs: world.nowMs,
      wallMs: world.nowMs + machine.time.offsetMs,
      trust: machine.time.trust,
      life: machine.lives,
      controllerOnline: isControllerOnline(),
      storageWritable: machine.journal?.fault === null,
      told: null,
      isLetOut: false,
      outcome: null,
    };
    world.trace(`${this.name} ${about.side} ${about.via}${about.isCopy ? ' old code' : ''}`);
    oracle.presented(shown);
    return shown;
  }

  #newCode(): Code {
    const { world, venue } = this.#place;
    const pass = this.#memberPass();
    const signedS = Math.floor(world.nowMs / 1000);
    if (this.#isGuest()) {
      const identity = identityOf(this.member.iss, `pass-${this.member.sub}`);
      return { text: formatPresentation({ pass, proof: null }), identity, signedS };
    }
    const { jti, identity } = this.#newJti();
    const proof = this.#proof(DOOR_PROOF_TYPE, pass, { aud: venue, iat: signedS, jti });
    return { text: formatPresentation({ pass, proof }), identity, signedS };
  }

  #newJti(): { readonly jti: string; readonly identity: string } {
    const jti = `${this.member.sub}-${(this.#codes += 1)}`;
    return { jti, identity: identityOf(phoneOf(this.#number).jkt, jti) };
  }

  /** The wallet renews the pass now and then, and its issuer counts a ticket's uses again; the guest's was mailed once. */
  #memberPass(): string {
    const { world } = this.#place;
    const nowS = Math.floor(world.nowMs / 1000);
    if (this.#renewed !== null && (this.#isGuest() || nowS < this.#renewed.iat + PASS_RENEWED_S))
      return this.#renewed.text;
    const iat = this.#isGuest() ? guestPassIssuedS(this.#ents) : nowS;
    const text = this.#issue(iat);
    this.#renewed = { iat, text };
    return text;
  }

  #issue(iat: number): string {
    const { venue } = this.#place;
    const { iss, sub } = this.member;
    const issuer = ISSUER_KEYS.get(iss);
    if (issuer === undefined) throw new Error(`${iss} issues no passes`);
    return issuer.key.sign(
      { typ: PASS_TYPE, kid: issuer.kid },
      {
        iss,
        sub,
        aud: [venue],
        iat,
        exp: iat + 86_400,
        jti: `pass-${sub}`,
        ...(!this.#isGuest() && { cnf: { jkt: phoneOf(this.#number).jkt } }),
        ent: this.#ents.map((ent) => (ent.kind === 'ticket' ? this.#countedAgain(ent, iat) : ent)),
      },
    );
  }

  #countedAgain(ticket: Ticket, usedAt: number): Ticket {
    return { ...ticket, used: ticket.used + this.#place.usesKnown(ticket.id), usedAt };
  }

  #proof(typ: string, pass: string, claims: Readonly<Record<string, string | number>>): string {
    const phone = phoneOf(this.#number);
    const ath = createHash('sha256').update(pass).digest('base64url');
    return phone.sign({ typ, jwk: phone.device }, { ...claims, ath });
  }

  #isGuest(): boolean {
    return this.#ents.every((ent) => ent.kind === 'reservation' && ent.role === 'guest');
  }
}

const guestPassIssuedS = (ents: readonly Entitlement[]): number => {
  const [first] = ents as readonly Reservation[];
  return Math.floor(Date.parse(first?.start ?? '') / 1000) - 12 * 3600;
};

/** As the contract has it: SHA-256 of who signed and the `jti`. */
function identityOf(signer: string, jti: string): string {
  return createHash('sha256').update(`${signer} ${jti}`).digest('hex');
}
